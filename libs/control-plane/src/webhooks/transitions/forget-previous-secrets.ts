import type { ControlDatabase } from '../../database/control-database.ts';

/** Erases the secrets that were replaced and whose time is over. */
export async function forgetPreviousSecrets({ pool }: ControlDatabase): Promise<void> {
  await pool.query({
    name: 'forget-previous-webhook-secrets',
    text: `UPDATE control_plane.webhooks SET previous_secret = NULL, previous_secret_key_id = NULL, previous_until = NULL
      WHERE previous_until <= clock_timestamp()`,
  });
}
