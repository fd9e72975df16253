import type { IncomingMessage } from 'node:http';
import { PASS_SECONDS } from './queue-page-passes.ts';

/** Where the page is, and the only path that its cookie is sent to. */
export const QUEUE_PAGE_PATH = '/queues';
const NAME = 'postgres_manager_queue_page';
const PATTERN = new RegExp(`(?:^|;\\s*)${NAME}=([A-Za-z0-9_-]{43})(?:;|$)`);

/** The pass that a request carries; null without one. */
export function passOf({ headers }: Pick<IncomingMessage, 'headers'>): string | null {
  return PATTERN.exec(headers.cookie ?? '')?.[1] ?? null;
}

/**
 * A Set-Cookie that gives a browser its pass: out of scripts' reach, for this path alone, and never sent when another
 * site leads or posts there. `Secure` where the browser says that it speaks TLS, perhaps with a proxy before us: who
 * lies about that keeps nobody's cookie but their own from being sent.
 */
export function passCookie(pass: string, { headers }: Pick<IncomingMessage, 'headers'>): string {
  const isSecure = headers.origin?.startsWith('https:') === true || headers['x-forwarded-proto'] === 'https';
  const parts = [
    `${NAME}=${pass}`,
    `Path=${QUEUE_PAGE_PATH}`,
    `Max-Age=${PASS_SECONDS}`,
    'HttpOnly',
    'SameSite=Strict',
  ];
  return [...parts, ...(isSecure ? ['Secure'] : [])].join('; ');
}
