import type { JSX } from 'react';
import { toApiError } from '../api/api-error.ts';
import { Button } from '../ui/button.tsx';
import { useToast } from '../ui/toast.tsx';
import { useClient, useMe } from './session.tsx';

/** Opens the queue's own page, which takes a cookie in place of the key; only where it is on, and for admins. */
export function QueuePageLink(): JSX.Element | null {
  const { queuePage } = useMe();
  const client = useClient();
  const toast = useToast();
  if (queuePage !== true) return null;
  const open = async (): Promise<void> => {
    try {
      await client.call('openQueuePage', {}, { withCookies: true });
      // Without an opener the new tab has a session storage of its own: this tab's key stays out of its scripts' reach.
      window.open('/queues', '_blank', 'noopener');
    } catch (error) {
      toast(toApiError(error).detail, 'bad');
    }
  };
  return (
    <Button kind="quiet" title="Jobs as Redis has them, for reading, in a new tab" onClick={() => void open()}>
      Queue’s page
    </Button>
  );
}
