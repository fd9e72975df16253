/** The command words that only ask a server. */
const CLIENT_COMMANDS = [
  'targets',
  'deployments',
  'logs',
  'cancel',
  'retry',
  'approve',
  'reject',
  'rollout',
  'fleet',
  'freezes',
  'webhooks',
  'protections',
  'keys',
  'workers',
  'audit',
] as const;

/** The command words. `deploy` is also what a command line without any of them means. */
export const COMMANDS = [
  'deploy',
  'validate',
  'status',
  'baseline',
  'resolve',
  'new',
  'help',
  ...CLIENT_COMMANDS,
] as const;

export type CommandName = (typeof COMMANDS)[number];

/** What flags belong to: a command word, where `deploy` and `resolve` on a DSN and through a server are two things each. */
export type Form = CommandName | 'deploy --server' | 'resolve --server';

export type ClientForm = (typeof CLIENT_COMMANDS)[number] | 'deploy --server' | 'resolve --server';

interface FlagRule {
  /** A switch stands alone, or takes `=true` and `=false`; a list may be given several times. */
  readonly kind: 'switch' | 'value' | 'list';
  readonly forms: readonly Form[];
}

const CLIENT: readonly Form[] = ['deploy --server', 'resolve --server', ...CLIENT_COMMANDS];
const EVERY: readonly Form[] = [...COMMANDS, 'deploy --server', 'resolve --server'];
const WITH_FOLDERS: readonly Form[] = ['deploy', 'validate', 'status', 'baseline', 'resolve', 'new'];
const WITH_TARGET: readonly Form[] = ['deploy', 'status', 'baseline', 'resolve'];
const WITH_LOCK: readonly Form[] = ['deploy', 'baseline', 'resolve'];

function takesValue(forms: readonly Form[]): FlagRule {
  return { kind: 'value', forms };
}

function isSwitch(forms: readonly Form[]): FlagRule {
  return { kind: 'switch', forms };
}

const TABLE = {
  'postgres-dsn': takesValue(WITH_TARGET),
  function: takesValue(['deploy']),
  'manual-deployment': isSwitch(['deploy']),
  'dry-run': isSwitch(['deploy', 'baseline', 'deploy --server', 'rollout']),
  root: takesValue(WITH_FOLDERS),
  json: isSwitch(EVERY),
  'connect-timeout': takesValue([...WITH_TARGET, ...CLIENT]),
  'lock-wait': takesValue(WITH_LOCK),
  'lock-timeout': takesValue([...WITH_TARGET, 'targets']),
  'statement-timeout': takesValue([...WITH_TARGET, 'targets']),
  'accept-identity': isSwitch([...WITH_TARGET, 'targets']),
  'accept-pooler': isSwitch([...WITH_TARGET, 'targets']),
  'applied-by': takesValue(WITH_LOCK),
  'on-error': takesValue(['deploy', 'deploy --server']),
  'no-baseline': isSwitch(['deploy']),
  force: isSwitch(['deploy']),
  'up-to': takesValue(['baseline']),
  applied: isSwitch(['resolve', 'resolve --server']),
  'not-applied': isSwitch(['resolve', 'resolve --server']),
  manual: isSwitch(['new']),
  server: takesValue(CLIENT),
  target: takesValue(['deploy --server', 'deployments', 'protections']),
  mode: takesValue(['deploy --server', 'deployments', 'rollout']),
  bundle: takesValue(['deploy --server', 'targets', 'rollout', 'fleet']),
  wait: isSwitch(['deploy --server', 'cancel', 'retry', 'approve', 'resolve --server', 'rollout']),
  priority: takesValue(['deploy --server', 'rollout']),
  'not-before': takesValue(['deploy --server', 'rollout']),
  'idempotency-key': takesValue(['deploy --server', 'rollout']),
  follow: isSwitch(['logs']),
  label: { kind: 'list', forms: ['targets', 'keys', 'rollout', 'fleet', 'freezes', 'protections', 'webhooks'] },
  'dsn-env': takesValue(['targets']),
  'dsn-stdin': isSwitch(['targets']),
  status: takesValue(['deployments', 'rollout', 'webhooks']),
  since: takesValue(['deployments']),
  until: takesValue(['deployments']),
  limit: takesValue(['targets', 'deployments', 'rollout', 'audit', 'webhooks']),
  head: takesValue(['audit']),
  targets: takesValue(['rollout']),
  all: isSwitch(['rollout', 'freezes', 'protections']),
  waves: takesValue(['rollout']),
  wave: takesValue(['rollout']),
  'max-parallel': takesValue(['rollout']),
  'max-parallel-per-server': takesValue(['rollout']),
  'failure-budget': takesValue(['rollout']),
  between: takesValue(['rollout']),
  window: takesValue(['rollout']),
  'accept-trouble': isSwitch(['rollout']),
  'retry-failed': isSwitch(['rollout']),
  reason: takesValue(['rollout', 'freezes', 'protections', 'reject', 'webhooks']),
  plan: takesValue(['approve', 'rollout']),
  events: takesValue(['webhooks']),
  description: takesValue(['webhooks']),
  state: takesValue(['rollout', 'fleet']),
  name: takesValue(['keys']),
  role: takesValue(['keys']),
  expires: takesValue(['keys']),
  help: isSwitch(EVERY),
  version: isSwitch(EVERY),
} as const satisfies Record<string, FlagRule>;

export type FlagName = keyof typeof TABLE;

/** Every flag, and which commands take it. */
export const FLAGS: Readonly<Record<FlagName, FlagRule>> = TABLE;

export const FLAG_NAMES = Object.keys(TABLE) as readonly FlagName[];

/** What people write from habit with other tools, and what it is called here. */
export const FLAG_HABITS: Readonly<Record<string, FlagName>> = {
  dsn: 'postgres-dsn',
  url: 'postgres-dsn',
  'database-url': 'postgres-dsn',
  connection: 'postgres-dsn',
  dir: 'root',
  directory: 'root',
  dryrun: 'dry-run',
  upto: 'up-to',
  to: 'up-to',
  'manual-deploy': 'manual-deployment',
  timeout: 'statement-timeout',
  host: 'server',
  api: 'server',
  labels: 'label',
  after: 'since',
  before: 'until',
  watch: 'wait',
  tail: 'follow',
};

/** Any of these makes `deploy` one through a server. `mode` is none of them: alone it is a slip for `function`. */
const DEPLOY_THROUGH_SERVER: readonly FlagName[] = [
  'server',
  'target',
  'bundle',
  'wait',
  'priority',
  'not-before',
  'idempotency-key',
];

/**
 * What a command word with these flags is.
 * @param operands how many words stand alone: a step is settled on a DSN by its file, through a server also by an id
 */
export function formOf(command: CommandName, given: ReadonlySet<FlagName>, operands: number): Form {
  if (command === 'resolve') {
    const isServed = given.has('server') || given.has('wait') || (operands > 1 && !given.has('postgres-dsn'));
    return isServed ? 'resolve --server' : 'resolve';
  }
  return command === 'deploy' && DEPLOY_THROUGH_SERVER.some((flag) => given.has(flag)) ? 'deploy --server' : command;
}

/** Whether a server is asked, rather than a DSN. */
export function isClientForm(form: Form): form is ClientForm {
  return CLIENT.includes(form);
}

export function isCommandName(word: string): word is CommandName {
  return (COMMANDS as readonly string[]).includes(word);
}

export function isFlagName(word: string): word is FlagName {
  return Object.hasOwn(TABLE, word);
}
