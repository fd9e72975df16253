import { relative } from 'node:path';
import type { Console } from './console.ts';

/** What people have to know once everything is up. */
export interface Standing {
  /** Where the API listens. */
  readonly host: string;
  readonly port: number;
  /** Signs a browser on this machine in, once. */
  readonly signInCode: string;
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

/** The closing lines of a start: the dashboard first, then address, key, what else to try. */
export function welcome(standing: Standing, console: Console): string {
  const address = addressOf(standing);
  const shell = standing.keyIsGiven ? '$BOOTSTRAP_API_KEY' : '$(cat .local/api-key)';
  const kept = standing.keyIsGiven ? 'as in BOOTSTRAP_API_KEY' : 'in .local/api-key';
  const rows = [
    ['Dashboard', dashboard(standing, address, console)],
    ['API', `${address}   reference: ${address}/docs`],
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

/** Where this machine's own name leads to. */
const ANSWERS_LOCALHOST = /^(?:localhost|127\.0\.0\.1|0\.0\.0\.0|::1|::)$/;

function addressOf({ host, port }: Standing): string {
  if (ANSWERS_LOCALHOST.test(host)) return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A code is taken from this machine alone, under its own name: where that does not answer, none is shown. */
function dashboard({ host, signInCode }: Standing, address: string, console: Console): string {
  if (!ANSWERS_LOCALHOST.test(host)) return `${console.bold(`${address}/`)}\nsign in with the key`;
  return `${console.bold(`${address}/#sign-in=${signInCode}`)}\nsigns in on this machine only, once, within 15 minutes; later, with the key`;
}

function tryThis({ target }: Standing, address: string, shell: string): string[] {
  const authorization = `-H "Authorization: Bearer ${shell}"`;
  if (target === null) {
    return [
      'Open the dashboard in a browser. Register a target there, or here (its DSN is stored encrypted):',
      '',
      `  curl -sS -X PUT ${address}/v1/targets/first \\`,
      `    ${authorization} \\`,
      `    -H 'Content-Type: application/json' -d '{"dsn": "postgres://USER:PASSWORD@HOST/DATABASE"}'`,
    ];
  }
  return [
    'Open the dashboard in a browser. Or, in a second terminal, in this folder:',
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
