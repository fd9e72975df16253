import { closest } from '@postgres-manager/sql-deploy';
import {
  COMMANDS,
  type CommandName,
  FLAG_HABITS,
  FLAG_NAMES,
  FLAGS,
  type FlagName,
  type Form,
  formOf,
  isCommandName,
  isFlagName,
} from './flags.ts';
import { looksLikeDsn, looksLikeKeyFlag, nameOfUnknownFlag } from './secrecy.ts';

/** A command line taken apart: which command, which flags with which texts, what stands alone. */
export interface CommandLine {
  readonly command: CommandName;
  /** The command, with `deploy` through a server told from `deploy` on a DSN. */
  readonly form: Form;
  readonly values: ReadonlyMap<FlagName, string>;
  /** Of the flags that may be given several times. */
  readonly lists: ReadonlyMap<FlagName, readonly string[]>;
  /** What stands alone, without the command word. */
  readonly operands: readonly string[];
  /** Sentences, one for each thing that is wrong. None holds a value. */
  readonly faults: string[];
  /** Flags that a fault speaks of already, so that none is called missing besides. */
  readonly spokenOf: Set<FlagName>;
}

interface Draft {
  readonly values: Map<FlagName, string>;
  readonly lists: Map<FlagName, string[]>;
  readonly words: { readonly text: string; readonly place: number }[];
  readonly faults: string[];
  readonly spokenOf: Set<FlagName>;
}

/** Takes a command line apart: `--flag value`, `--flag=value`, `--switch`, words; `--` ends the flags. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const draft: Draft = { values: new Map(), lists: new Map(), words: [], faults: [], spokenOf: new Set() };
  for (let i = 0; i < argv.length; i++) {
    const token = argv[i] ?? '';
    if (token === '--') {
      for (let j = i + 1; j < argv.length; j++) draft.words.push({ text: argv[j] ?? '', place: j + 1 });
      break;
    }
    if (token.startsWith('-') && token !== '-') i += readFlag(draft, token, argv[i + 1], i + 1);
    else draft.words.push({ text: token, place: i + 1 });
  }
  const given = new Set([...draft.values.keys(), ...draft.lists.keys(), ...draft.spokenOf]);
  const command = takeCommand(draft);
  const form = formOf(command, given, draft.words.length);
  refuseForeignFlags(draft, command, form);
  const { values, lists, faults, spokenOf } = draft;
  return { command, form, values, lists, operands: draft.words.map((word) => word.text), faults, spokenOf };
}

/** Reads one flag; gives how many of the following arguments belong to it. */
function readFlag(draft: Draft, token: string, next: string | undefined, place: number): 0 | 1 {
  const expanded = token === '-h' ? '--help' : token === '-v' || token === '-V' ? '--version' : token;
  const equals = expanded.indexOf('=');
  const name = expanded.slice(2, equals === -1 ? undefined : equals);
  const inline = equals === -1 ? null : expanded.slice(equals + 1);
  if (!expanded.startsWith('--') || !isFlagName(name)) return readUnknownFlag(draft, token, inline, next, place);

  const { kind } = FLAGS[name];
  const isSwitch = kind === 'switch';
  const following = next !== undefined && (!next.startsWith('-') || /^-\d/.test(next)) ? next : null;
  const text = inline ?? (isSwitch ? 'true' : following);
  if (draft.values.has(name)) draft.faults.push(`--${name} is given more than once`);
  else if (text === null || text === '') {
    draft.faults.push(`--${name} needs a value`);
    draft.spokenOf.add(name);
  } else if (kind === 'list') draft.lists.set(name, [...(draft.lists.get(name) ?? []), text]);
  else draft.values.set(name, text);
  return inline === null && !isSwitch && following !== null ? 1 : 0;
}

function readUnknownFlag(
  draft: Draft,
  token: string,
  inline: string | null,
  next: string | undefined,
  place: number,
): 0 | 1 {
  const shown = nameOfUnknownFlag(token, place);
  const word = shown.startsWith('--') ? shown.slice(2).toLowerCase() : '';
  const meant = word === '' ? null : (FLAG_HABITS[word] ?? closest(word, FLAG_NAMES));
  if (looksLikeKeyFlag(word)) {
    draft.faults.push(
      `${shown} is not taken: \`ps\` and the shell's history show a command line. Put the key into POSTGRES_MANAGER_KEY`,
    );
    return inline === null && next !== undefined && !next.startsWith('-') ? 1 : 0;
  }
  if (meant !== null) draft.spokenOf.add(meant);
  draft.faults.push(`unknown flag ${shown}${meant === null ? '' : `: did you mean --${meant}?`}`);
  // What follows is probably its value: a second fault about it would only distract.
  const hasValue = inline === null && next !== undefined && !next.startsWith('-') && !isCommandName(next);
  const meantSwitch = meant !== null && FLAGS[meant].kind === 'switch';
  return hasValue && !meantSwitch ? 1 : 0;
}

function takeCommand(draft: Draft): CommandName {
  const first = draft.words[0];
  if (first === undefined) return 'deploy';
  draft.words.shift();
  if (isCommandName(first.text)) return first.text;
  if (looksLikeDsn(first.text)) {
    draft.faults.push(`argument ${first.place} looks like a DSN: it goes after --postgres-dsn, or into POSTGRES_DSN`);
    draft.spokenOf.add('postgres-dsn');
    return 'deploy';
  }
  const meant = closest(first.text, COMMANDS);
  // A word is shown only when it is nearly a command: anything else could be a password gone astray.
  const switchHint = /^(true|false|yes|no|0|1)$/i.test(first.text)
    ? '; a switch takes its value with =, as in --dry-run=false'
    : '';
  draft.faults.push(
    meant === null
      ? `argument ${first.place} is neither a flag nor a command (${COMMANDS.join(', ')})${switchHint}`
      : `unknown command: did you mean ${meant}?`,
  );
  // What is missing is only worth saying once it is known what was wanted.
  draft.spokenOf.add('function').add('postgres-dsn').add('server');
  return meant ?? 'deploy';
}

function refuseForeignFlags(draft: Draft, command: CommandName, form: Form): void {
  if (command === 'help' || draft.values.has('help') || draft.values.has('version')) return;
  for (const name of [...draft.values.keys(), ...draft.lists.keys()]) {
    if (!FLAGS[name].forms.includes(form)) draft.faults.push(foreignFlag(draft, name, form));
  }
}

function foreignFlag(draft: Draft, name: FlagName, form: Form): string {
  if (form === 'deploy --server' && name === 'postgres-dsn') {
    return '--postgres-dsn does not go together with --server: give a DSN to run from here, or --server and --target to have the service run it';
  }
  if (form === 'deploy --server' && (name === 'function' || name === 'manual-deployment')) {
    draft.spokenOf.add('mode');
    return `--${name} goes with --postgres-dsn; with --server write --mode create, deployment or manual-deployment`;
  }
  if (form === 'deploy --server' && name === 'root')
    return '--root goes with --postgres-dsn; with --server write --bundle';
  if (form === 'deploy' && name === 'mode') {
    draft.spokenOf.add('function');
    return '--mode goes with --server and --target: did you mean --function?';
  }
  const shown = (owner: Form): string => (owner === 'deploy' ? '--function' : owner);
  return `--${name} does not go with ${shown(form)}, but with ${FLAGS[name].forms.map(shown).join(', ')}`;
}
