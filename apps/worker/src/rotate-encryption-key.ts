import { ConfigError, openControlDatabase, resealWebhookSecrets, rotateSecrets } from '@postgres-manager/control-plane';
import { readRotationConfig } from './config.ts';

const TIMEOUT_MS = 10_000;

/**
 * Seals every stored DSN and webhook's secret under ENCRYPTION_KEY that is still under one of ENCRYPTION_KEY_PREVIOUS. It may be broken off
 * and run again, beside running services that have both keys.
 * @param write takes the lines to show
 * @returns the exit code: 0 when all are under the current key, 1 when some are not, 2 for a faulty environment
 */
export async function rotateEncryptionKey(write: (line: string) => void): Promise<number> {
  let config: ReturnType<typeof readRotationConfig>;
  try {
    config = readRotationConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    write(error.message);
    return 2;
  }
  const control = openControlDatabase({
    dsn: config.databaseUrl,
    maxConnections: 2,
    connectTimeoutMs: TIMEOUT_MS,
    queryTimeoutMs: TIMEOUT_MS,
    applicationName: 'postgres-manager-rotate-encryption-key',
    onError: (error) => write(error.message),
  });
  try {
    const actor = { name: 'rotate-encryption-key', keyId: null, requestId: null };
    const targets = await rotateSecrets(control, config.keyring, actor);
    const webhooks = await resealWebhookSecrets(control, config.keyring, actor);
    const rotated = [...targets.rotated, ...webhooks.rotated.map((id) => `webhook ${id}`)];
    const failed = [...targets.failed, ...webhooks.failed.map(({ id, reason }) => ({ name: `webhook ${id}`, reason }))];
    for (const name of rotated) write(`rotated  ${name}`);
    for (const { name, reason } of failed) write(`failed   ${name}: ${reason}`);
    write(
      failed.length === 0
        ? `${rotated.length} rotated; every stored secret is under key ${config.keyring.current.id} now. ENCRYPTION_KEY_PREVIOUS may be taken away.`
        : `${rotated.length} rotated, ${failed.length} failed and left as they were. Keep ENCRYPTION_KEY_PREVIOUS until they are mended.`,
    );
    return failed.length === 0 ? 0 : 1;
  } catch (error) {
    write(`The control database cannot be used: ${error instanceof Error ? error.message : String(error)}`);
    write('What was shown as rotated is. Run this again: it goes on with the rest.');
    return 1;
  } finally {
    await control.pool.end();
  }
}
