import { flagSource, type Input, reportMissing } from '../../input.ts';
import { readChoice, readText } from '../../values.ts';
import type { ClientInvocation } from './client-invocation.ts';
import { readId, readLabels } from './client-values.ts';
import { readLimit, refuseDryRun, refuseFlags, wrongVerb } from './operands.ts';

const STEERING = ['remove', 'enable', 'disable', 'rotate-secret', 'test'] as const;
const VERBS = ['add', ...STEERING, 'deliveries', 'resend'] as const;
const MOST_URL_CHARACTERS = 2000;
const MOST_TEXT_CHARACTERS = 500;

/** Reads `webhooks`, and what is done with one. */
export function readWebhooks(input: Input): ClientInvocation | null {
  const { faults, line } = input;
  const [first, second, third, ...more] = line.operands;
  const verb = VERBS.find((candidate) => candidate === first);
  if (verb !== 'add') refuseFlags(input, ['events', 'label', 'description'], 'webhooks add');
  if (verb !== 'disable') refuseFlags(input, ['reason'], 'webhooks disable');
  if (verb !== 'deliveries') refuseFlags(input, ['status', 'limit'], 'webhooks deliveries');
  if (first === undefined) return { command: 'webhooks' };
  if (verb === undefined || more.length > 0 || (third !== undefined && verb !== 'resend')) {
    return wrongVerb(input, first, VERBS);
  }
  if (verb !== 'deliveries') refuseDryRun(input, `webhooks ${verb}`);
  if (verb === 'add') return readAdd(input, second);
  if (second === undefined) {
    faults.push(`webhooks ${verb} needs the id of a webhook, as \`postgres-manager webhooks\` shows it`);
  }
  const id = readId(second, faults);
  if (verb === 'resend' && third === undefined) {
    faults.push(
      'webhooks resend needs the id of a delivery, too, as `postgres-manager webhooks deliveries ID` shows it',
    );
  }
  const delivery = readId(third, faults);
  if (id === null) return null;
  if (verb === 'resend') return delivery === null ? null : { command: 'webhook-resend', id, delivery };
  if (verb === 'deliveries') {
    const status = readChoice(flagSource(input, 'status'), ['pending', 'succeeded', 'failed'] as const, faults);
    return { command: 'webhook-deliveries', id, status, limit: readLimit(input) };
  }
  const reason = readText(flagSource(input, 'reason'), MOST_TEXT_CHARACTERS, faults);
  return { command: 'webhook-verb', verb, id, reason };
}

function readAdd(input: Input, text: string | undefined): ClientInvocation | null {
  const { faults } = input;
  const labels = readLabels(input.line.lists.get('label') ?? [], faults);
  const description = readText(flagSource(input, 'description'), MOST_TEXT_CHARACTERS, faults);
  const given = readText(flagSource(input, 'events'), 4000, faults);
  const events = given === null ? null : given.split(',').map((event) => event.trim());
  if (events?.some((event) => !/^(\*|[a-z]+\.(\*|[a-z_]+))$/.test(event)) === true) {
    faults.push('--events must be types separated by commas, such as deployment.failed,rollout.*');
  }
  if (text === undefined) reportMissing(input, 'events', 'webhooks add needs the URL that changes are to be told to');
  const url = readUrl(text, faults);
  return url === null ? null : { command: 'add-webhook', url, events, labels, description };
}

/** What is given is not shown: its path may hold a token, and it may be a DSN that went astray. */
function readUrl(text: string | undefined, faults: string[]): string | null {
  if (text === undefined) return null;
  const url = URL.canParse(text) && text.length <= MOST_URL_CHARACTERS ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return text;
  faults.push('webhooks add needs a URL that begins with https://, without a user or password in it');
  return null;
}
