import { CHANGES_CHANNEL, type ChangeMessage, changeMessage } from './contract.ts';
import { openRedis } from './redis.ts';

/**
 * Listens for what other processes tell of changes: one subscription for a whole process.
 * @param onChange called with each message; what is not one is left alone
 * @param onReady called whenever the subscription stands (again): something may have been missed before
 * @returns ends it
 */
export function listenForChanges(options: {
  readonly url: string;
  readonly onChange: (change: ChangeMessage) => void;
  readonly onReady: () => void;
  readonly onError: (message: string) => void;
}): () => void {
  const redis = openRedis(options.url, (error) => options.onError(error.message), false);
  redis.on('ready', () => {
    redis.subscribe(CHANGES_CHANNEL).then(options.onReady, (error: unknown) => {
      options.onError(error instanceof Error ? error.message : String(error));
    });
  });
  redis.on('message', (_channel, text) => {
    const change = readChange(text);
    if (change !== null) options.onChange(change);
  });
  return () => redis.disconnect();
}

function readChange(text: string): ChangeMessage | null {
  try {
    const parsed = changeMessage.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
