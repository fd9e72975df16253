/** The command words. `deploy` is also what a command line without any of them means. */
export const COMMANDS = ['deploy', 'validate', 'status', 'baseline', 'resolve', 'new', 'help'] as const;

export type CommandName = (typeof COMMANDS)[number];

interface FlagRule {
  /** A switch stands alone, or takes `=true` and `=false`. */
  readonly kind: 'switch' | 'value';
  readonly commands: readonly CommandName[];
}

const EVERY: readonly CommandName[] = COMMANDS;
const WITH_FOLDERS: readonly CommandName[] = ['deploy', 'validate', 'status', 'baseline', 'resolve', 'new'];
const WITH_TARGET: readonly CommandName[] = ['deploy', 'status', 'baseline', 'resolve'];
const WITH_LOCK: readonly CommandName[] = ['deploy', 'baseline', 'resolve'];

function takesValue(commands: readonly CommandName[]): FlagRule {
  return { kind: 'value', commands };
}

function isSwitch(commands: readonly CommandName[]): FlagRule {
  return { kind: 'switch', commands };
}

const TABLE = {
  'postgres-dsn': takesValue(WITH_TARGET),
  function: takesValue(['deploy']),
  'manual-deployment': isSwitch(['deploy']),
  'dry-run': isSwitch(['deploy', 'baseline']),
  root: takesValue(WITH_FOLDERS),
  json: isSwitch(EVERY),
  'connect-timeout': takesValue(WITH_TARGET),
  'lock-wait': takesValue(WITH_LOCK),
  'lock-timeout': takesValue(WITH_TARGET),
  'statement-timeout': takesValue(WITH_TARGET),
  'accept-identity': isSwitch(WITH_TARGET),
  'accept-pooler': isSwitch(WITH_TARGET),
  'applied-by': takesValue(WITH_LOCK),
  'on-error': takesValue(['deploy']),
  'no-baseline': isSwitch(['deploy']),
  force: isSwitch(['deploy']),
  'up-to': takesValue(['baseline']),
  applied: isSwitch(['resolve']),
  'not-applied': isSwitch(['resolve']),
  manual: isSwitch(['new']),
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
  mode: 'function',
  dir: 'root',
  directory: 'root',
  dryrun: 'dry-run',
  upto: 'up-to',
  to: 'up-to',
  'manual-deploy': 'manual-deployment',
  timeout: 'statement-timeout',
};

export function isCommandName(word: string): word is CommandName {
  return (COMMANDS as readonly string[]).includes(word);
}

export function isFlagName(word: string): word is FlagName {
  return Object.hasOwn(TABLE, word);
}
