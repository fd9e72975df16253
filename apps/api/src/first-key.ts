import { type Actor, type ControlDatabase, createKey, enterKey, hasAdminKey } from '@postgres-manager/control-plane';

const SERVICE: Actor = { name: 'postgres-manager', keyId: null, requestId: null };

/**
 * Sees to it that somebody can get in: enters the given key as an admin's, or makes one when there is no admin.
 * @returns the key that was made, to be shown this once; else null
 */
export async function ensureAdminKey(db: ControlDatabase, bootstrapKey: string | null): Promise<string | null> {
  if (bootstrapKey !== null) {
    await enterKey(db, bootstrapKey, 'bootstrap', SERVICE);
    return null;
  }
  if (await hasAdminKey(db)) return null;
  const { key } = await createKey(db, { name: 'first admin', role: 'admin', labels: {}, expiresAt: null }, SERVICE);
  return key;
}
