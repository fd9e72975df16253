import { type JSX, useEffect, useState } from 'react';
import { useAddress } from '../routing/address.ts';
import { Button } from '../ui/button.tsx';
import { statusLook } from '../ui/status.ts';
import { FILTERS, fromLocalInput, MODES, STATUSES, toLocalInput } from './history-filter.ts';

const TYPING_MS = 300;

/** Which deployments are shown; all of it stands in the address. */
export function HistoryFilters(): JSX.Element {
  const address = useAddress();
  const isFiltered = FILTERS.some((name) => address.get(name) !== '');
  const rollout = address.get('rollout');
  return (
    <div className="row history-filters" role="group" aria-label="What is shown">
      <TargetFilter />
      <Choice name="status" label="Status" options={STATUSES.map((status) => [status, statusLook(status).label])} />
      <Choice name="mode" label="Mode" options={MODES.map((mode) => [mode, mode])} />
      <Moment name="createdAfter" label="After" />
      <Moment name="createdBefore" label="Before" />
      {rollout !== '' && (
        <Button aria-label="No longer only this rollout" onClick={() => address.set({ rollout: null })}>
          rollout {rollout.slice(0, 8)} ×
        </Button>
      )}
      {isFiltered && (
        <Button kind="quiet" onClick={() => address.set(Object.fromEntries(FILTERS.map((name) => [name, null])))}>
          Show all
        </Button>
      )}
    </div>
  );
}

/** Typed in full: the service looks for the very name. */
function TargetFilter(): JSX.Element {
  const address = useAddress();
  const asked = address.get('target');
  const [typed, setTyped] = useState(asked);
  useEffect(() => setTyped(asked), [asked]);
  useEffect(() => {
    if (typed.trim() === asked) return undefined;
    const timer = setTimeout(() => address.set({ target: typed.trim() }, { replace: true }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, asked, address]);
  return (
    <label className="row">
      <span className="muted">Target</span>
      <input
        className="input"
        type="search"
        placeholder="its whole name"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </label>
  );
}

function Choice({
  name,
  label,
  options,
}: {
  readonly name: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, text: string])[];
}): JSX.Element {
  const address = useAddress();
  return (
    <label className="row">
      <span className="muted">{label}</span>
      <select
        className="select"
        value={address.get(name)}
        onChange={(event) => address.set({ [name]: event.target.value })}
      >
        <option value="">any</option>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function Moment({ name, label }: { readonly name: string; readonly label: string }): JSX.Element {
  const address = useAddress();
  return (
    <label className="row">
      <span className="muted">{label}</span>
      <input
        className="input"
        type="datetime-local"
        value={toLocalInput(address.get(name))}
        onChange={(event) => address.set({ [name]: fromLocalInput(event.target.value) }, { replace: true })}
      />
    </label>
  );
}
