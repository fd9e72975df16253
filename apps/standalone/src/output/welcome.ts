import { relative } from 'node:path';
import type { Console } from './console.ts';

/** What people have to know once everything is up. */
export interface Standing {
  readonly port: number;
  /** For people, without a password. */
  readonly controlDatabase: string;
  /** Of the embedded Postgres; null without one. */
  readonly dataDirectory: string | null;
  readonly redis: string;
  /** The admin key to show; null: it was shown before. */
  readonly key: string | null;
  /** It came from BOOTSTRAP_API_KEY. */
  readonly keyIsGiven: boolean;
  /** The target to try things on; null: none was registered. */
  readonly target: string | null;
}

/** The closing lines of a start: address, key, what to try. */
export function welcome(standing: Standing, console: Console): string {
  const address = `http://localhost:${standing.port}`;
  const shell = standing.keyIsGiven ? '$BOOTSTRAP_API_KEY' : '$(cat .local/api-key)';
  const kept = standing.keyIsGiven ? 'as in BOOTSTRAP_API_KEY' : 'in .local/api-key';
  const rows = [
    ['Address', `${console.bold(address)}   reference: ${address}/docs`],
    ['Key', standing.key === null || standing.keyIsGiven ? kept : `${console.bold(standing.key)}\n${kept}`],
    ['Control', standing.controlDatabase],
    ...(standing.dataDirectory === null ? [] : [['Data', `${shortPath(standing.dataDirectory)} and .local/`]]),
    ['Redis', standing.redis],
  ] as const;
  return [
    console.green('Ready.'),
    '',
    ...rows.map(([title = '', text = '']) => row(title, text)),
    '',
    ...tryThis(standing, address, shell),
    '',
    'Ctrl-C stops everything; the data stay.',
  ].join('\n');
}

function tryThis({ target }: Standing, address: string, shell: string): string[] {
  const authorization = `-H "Authorization: Bearer ${shell}"`;
  if (target === null) {
    return [
      'Register a target (the API stores the DSN encrypted):',
      '',
      `  curl -sS -X PUT ${address}/v1/targets/first \\`,
      `    ${authorization} \\`,
      `    -H 'Content-Type: application/json' -d '{"dsn": "postgres://USER:PASSWORD@HOST/DATABASE"}'`,
    ];
  }
  return [
    'Try in a second terminal, in this folder:',
    '',
    `  curl -sS ${authorization} \\`,
    `    ${address}/v1/targets/${target}`,
  ];
}

/** What is said when the stop begins. */
export function farewell(parts: readonly { readonly name: string }[], console: Console): string {
  const names = parts.toReversed().map(({ name }) => name);
  return console.dim(`\nStopping ${names.join(', ')} … (Ctrl-C again: at once)`);
}

function row(title: string, text: string): string {
  return text
    .split('\n')
    .map((line, index) => `  ${(index === 0 ? title : '').padEnd(9)} ${line}`)
    .join('\n');
}

/** Relative to the folder we are in for what lies below it. */
function shortPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith('..') ? path : below;
}
