import { createHmac, randomBytes } from 'node:crypto';

// Standard Webhooks 1.0.0, "Signature scheme": https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

const PREFIX = 'whsec_';
/** From 24 to 64 bytes are allowed; these are as many as SHA-256 gives. */
const SECRET_BYTES = 32;

/** Makes a secret that messages are signed with: `whsec_` and base64. */
export function generateWebhookSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/**
 * Signs a message with each of the secrets, as the header `webhook-signature` carries it: `v1,… v1,…`.
 * @param id the header `webhook-id`
 * @param timestamp the header `webhook-timestamp`: seconds since 1970
 * @param body the very text that is sent
 */
export function signMessage(id: string, timestamp: number, body: string, secrets: readonly string[]): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
      return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`, 'utf8').digest('base64')}`;
    })
    .join(' ');
}
