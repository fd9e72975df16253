import { type JSX, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { type ApiError, toApiError } from '../api/api-error.ts';
import { Button } from './button.tsx';
import { ErrorBox } from './error-box.tsx';

/**
 * Asks before something is done, and says what will happen. Rendered while it is open; stays open, with the reason,
 * when it could not be done.
 */
export function ConfirmDialog({
  title,
  confirmLabel,
  kind = 'primary',
  onConfirm,
  onClose,
  children,
}: {
  readonly title: string;
  /** The verb: `Cancel 3 deployments`, never `OK`. */
  readonly confirmLabel: string;
  readonly kind?: 'primary' | 'danger';
  readonly onConfirm: () => Promise<unknown>;
  /** Told when it was confirmed and done, or left. */
  readonly onClose: () => void;
  /** What will happen, and fields where there are some. */
  readonly children: ReactNode;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element !== null && !element.open) element.showModal();
  }, []);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (thrown) {
      setError(toApiError(thrown));
      setBusy(false);
    }
  };
  return (
    <dialog className="dialog" ref={dialog} aria-labelledby={titleId} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        <h2 id={titleId}>{title}</h2>
        <div className="stack">{children}</div>
        {error !== null && <ErrorBox error={error} />}
        <div className="actions">
          <Button onClick={onClose}>Leave it</Button>
          <Button type="submit" kind={kind} disabled={isBusy}>
            {confirmLabel}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
