/** How often and how long, in ms, where messages are sent to webhooks. Tests use shorter ones. */
export interface WebhookTiming {
  /** How often it is looked for messages to webhooks that are due. */
  readonly webhookLookMs: number;
  /** How long a receiver may take, and how long a message stays this worker's without a word from it. */
  readonly webhookTimeoutMs: number;
  readonly webhookLeaseMs: number;
  /** The wait after each failed try of a message; after the last of them it is given up. */
  readonly webhookWaitsMs: readonly number[];
  /** The first and the longest rest of a webhook whose receiver fails again and again, whatever the message. */
  readonly webhookFirstRestMs: number;
  readonly webhookLongestRestMs: number;
  /** How long a webhook may have nothing but failures before it is switched off. */
  readonly webhookPatienceMs: number;
  /** How long what has ended is kept, and how often what is older is taken away. */
  readonly webhookKeptMs: number;
  readonly webhookDropMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const DEFAULT_WEBHOOK_TIMING: WebhookTiming = {
  webhookLookMs: 1000,
  webhookTimeoutMs: 15 * SECOND,
  webhookLeaseMs: MINUTE,
  // As Standard Webhooks proposes: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  webhookWaitsMs: [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
  webhookFirstRestMs: 5 * SECOND,
  webhookLongestRestMs: 5 * MINUTE,
  webhookPatienceMs: 5 * DAY,
  webhookKeptMs: 30 * DAY,
  webhookDropMs: 10 * MINUTE,
};
