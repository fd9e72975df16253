import { ControlPlaneError } from '../errors.ts';
import type { Keyring } from '../targets/keyring.ts';
import { open, seal, type SealedSecret } from '../targets/secret-box.ts';

/** Encrypts a webhook's secret. Its id is bound in: moved to another row it does not open. */
export function sealWebhookSecret(secret: string, webhookId: string, keyring: Keyring): SealedSecret {
  return seal(secret, ownerOf(webhookId), keyring);
}

/** @throws ControlPlaneError secret_unresolvable, which never shows any part of the secret */
export function openWebhookSecret(sealed: SealedSecret, webhookId: string, keyring: Keyring): string {
  const opened = open(sealed, ownerOf(webhookId), keyring);
  if (typeof opened === 'object') return opened.text;
  throw new ControlPlaneError(
    'secret_unresolvable',
    opened === 'key_missing'
      ? `The secret of webhook ${webhookId} was encrypted under the key ${sealed.keyId}, which this process does not have.`
      : `The stored secret of webhook ${webhookId} does not open: it was changed, or belongs to another webhook.`,
    opened === 'key_missing'
      ? 'Give it that key, in ENCRYPTION_KEY or among ENCRYPTION_KEY_PREVIOUS; or make a new secret with rotate-secret.'
      : 'Make a new secret with rotate-secret, and find out who writes to the control database.',
  );
}

/** In lower case, as the database gives an id, however it was written in a request. */
function ownerOf(webhookId: string): string {
  return `webhook ${webhookId.toLowerCase()}`;
}
