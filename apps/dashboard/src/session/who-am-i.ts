import { ApiError } from '../api/api-error.ts';
import type { ApiClient } from '../api/client.ts';

/** Whom a key says that one is. */
export interface Me {
  readonly name: string;
  readonly role: string;
  /** The key is for targets that have all of these; empty: all. */
  readonly labels: Readonly<Record<string, string>>;
  readonly expiresAt: string | null;
  readonly version: string | null;
  /** Whether the key may open the queue's own page; an older service doesn't say. */
  readonly queuePage?: boolean;
}

/**
 * Asks whose key it is.
 * @throws ApiError, 401 for a key that is not taken
 */
export async function whoAmI(client: ApiClient): Promise<Me> {
  try {
    const response = await client.send('GET', '/v1/me');
    return (await response.json()) as Me;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    return roleByTrying(client);
  }
}

/** A service from before `GET /v1/me`: it tells name and role where it refuses. */
async function roleByTrying(client: ApiClient): Promise<Me> {
  const unknown = { name: 'key', role: 'admin', labels: {}, expiresAt: null, version: null };
  try {
    await client.call('listKeys', { query: {} });
    return unknown;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    const [, name, role] = /the key (.+) has the role (\w+)\./.exec(error.detail) ?? [];
    return name === undefined || role === undefined ? unknown : { ...unknown, name, role };
  }
}
