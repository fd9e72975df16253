import { type JSX, useState } from 'react';
import { pathOf } from '../api/client.ts';
import { OPERATIONS } from '../api/operations.ts';
import { useClient } from '../session/session.tsx';
import { Button } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/dialog.tsx';
import { useToast } from '../ui/toast.tsx';
import type { HistoryFilter } from './history-filter.ts';
import { fileNameOf, saveFile } from './save-file.ts';

const MOST_ROWS = '1,000,000';

/** Saves what the filters leave as a file. */
export function ExportButton({ filter }: { readonly filter: HistoryFilter }): JSX.Element {
  const client = useClient();
  const toast = useToast();
  const [isAsking, setAsking] = useState(false);
  const [format, setFormat] = useState<'csv' | 'json'>('csv');
  const save = async (): Promise<void> => {
    const response = await client.send('GET', pathOf(OPERATIONS.exportDeployments.path, {}, { ...filter, format }));
    // The very bytes that were sent. A connection that was cut throws here: half a file is not saved.
    saveFile(await response.blob(), fileNameOf(response, `deployments.${format}`));
    toast('Saved.');
  };
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <Button onClick={() => setAsking(true)}>Export…</Button>
      {isAsking && (
        <ConfirmDialog
          title="Save the history as a file?"
          confirmLabel={`Save as ${format.toUpperCase()}`}
          onClose={() => setAsking(false)}
          onConfirm={save}
        >
          <p>
            {isFiltered ? 'The deployments that the filters leave' : 'All deployments that this key may see'}, newest
            first, {MOST_ROWS} at most. For older ones set “Before” to the time of the last.
          </p>
          <fieldset className="row plain">
            <legend className="visually-hidden">Format</legend>
            {(['csv', 'json'] as const).map((one) => (
              <label key={one} className="row">
                <input type="radio" name="format" checked={format === one} onChange={() => setFormat(one)} />
                {one === 'csv' ? 'CSV, for spreadsheets' : 'JSON, with everything'}
              </label>
            ))}
          </fieldset>
        </ConfirmDialog>
      )}
    </>
  );
}
