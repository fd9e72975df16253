import { readApiError } from '../api/api-error.ts';

function codeInAddress(): string | null {
  return /^#sign-in=([\w.~-]{1,500})$/.exec(location.hash)?.[1] ?? null;
}

/** The code that `npm start` puts into the address as `#sign-in=CODE`; it is taken out of the address at once. */
export function takeCodeFromAddress(): string | null {
  const code = codeInAddress();
  if (code === null) return null;
  history.replaceState(history.state, '', location.pathname + location.search);
  return code;
}

/**
 * Gives a code, which is good once, for a key.
 * @throws ApiError when it is not taken
 */
export async function exchangeCode(code: string): Promise<string> {
  const response = await fetch('/v1/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ code }),
    credentials: 'omit',
  });
  if (!response.ok) throw await readApiError(response);
  const { key } = (await response.json()) as { key: string };
  return key;
}

/**
 * Tells when an address with a code is opened in a tab that has the page already: only what is behind the `#` changes
 * then, and the page is not loaded anew. Gives what ends it.
 */
export function onCodeInAddress(tell: () => void): () => void {
  const look = (): void => {
    if (codeInAddress() !== null) tell();
  };
  addEventListener('hashchange', look);
  return () => removeEventListener('hashchange', look);
}
