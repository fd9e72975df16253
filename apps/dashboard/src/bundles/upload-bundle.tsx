import { type DragEvent, type JSX, useRef, useState } from 'react';
import { type ApiError, toApiError } from '../api/api-error.ts';
import type { Answer } from '../api/client.ts';
import { useAct } from '../api/hooks.ts';
import { Button } from '../ui/button.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { counted } from '../ui/time-text.ts';
import { bundleBody, type ChosenFile, chosenByDrop, chosenByInput, takeFolders } from './read-folder.ts';
import { bytesText } from './texts.ts';
import './bundles.css';

/** Takes a folder of this computer, stores it as a bundle, and tells what came of it. Nothing is deployed by it. */
export function UploadBundle({
  onStored,
}: {
  /** The digest, and what the validator found. */
  readonly onStored: (stored: Answer<'storeBundle'>) => void;
}): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const store = useAct('storeBundle');
  const [busy, setBusy] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [isOver, setOver] = useState(false);
  const take = async (chosen: readonly ChosenFile[]): Promise<void> => {
    const folder = takeFolders(chosen);
    setError(null);
    setFault(folder.fault);
    if (folder.fault !== null) return;
    setBusy(`Sending ${counted(folder.files.length, 'file')}, ${bytesText(folder.sizeBytes)}, for validation…`);
    try {
      onStored(await store.mutateAsync({ body: await bundleBody(folder.files) }));
    } catch (thrown) {
      setError(toApiError(thrown));
    } finally {
      setBusy(null);
    }
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void chosenByDrop(event.dataTransfer.items).then(take, (thrown: unknown) => setError(toApiError(thrown)));
  };
  return (
    <div className="stack">
      <div
        className="drop"
        data-over={isOver}
        onDrop={drop}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
      >
        <p>
          Drop the folder that holds <code>create/</code>, <code>deployment/</code> or <code>manual-deployment/</code>{' '}
          here.
        </p>
        <Button disabled={busy !== null} onClick={() => input.current?.click()}>
          Choose a folder…
        </Button>
        <input
          ref={input}
          type="file"
          hidden
          multiple
          {...{ webkitdirectory: '' }}
          aria-label="Folder of SQL files"
          onChange={(event) => {
            const chosen = chosenByInput(event.target.files ?? new DataTransfer().files);
            // The same folder, mended, may be chosen again.
            event.target.value = '';
            void take(chosen);
          }}
        />
        <p className="muted small" role="status">
          {busy ?? 'It is validated and stored under its digest; nothing is deployed by that.'}
        </p>
      </div>
      {fault !== null && (
        <p className="error-box" role="alert">
          {fault}
        </p>
      )}
      {error !== null && <ErrorBox error={error} />}
    </div>
  );
}
