import type { JSX } from 'react';
import { useAddress } from '../routing/address.ts';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { statusLook } from '../ui/status.ts';
import { relativeTime } from '../ui/time-text.ts';
import { FLEET_STATES, type FleetTarget } from './fleet.ts';
import { labelsOf } from './group-targets.ts';
import { type Fleet, NO_BUNDLE } from './use-fleet.ts';

/** How many targets are in which state; each is also the filter by it. */
export function StateChips({ counts }: Pick<Fleet, 'counts'>): JSX.Element {
  const address = useAddress();
  const chosen = address.all('state');
  return (
    <div className="row state-chips" role="group" aria-label="Filter by state">
      {FLEET_STATES.filter((state) => (counts[state] ?? 0) > 0 || chosen.includes(state)).map((state) => {
        const { tone, label } = statusLook(state);
        const isChosen = chosen.includes(state);
        return (
          <button
            key={state}
            type="button"
            className="chip"
            data-tone={tone}
            aria-pressed={isChosen}
            onClick={() =>
              address.set({ state: isChosen ? chosen.filter((one) => one !== state) : [...chosen, state] })
            }
          >
            <StatusMark status={state} />
            <strong>{(counts[state] ?? 0).toLocaleString('en')}</strong>
            {label}
          </button>
        );
      })}
    </div>
  );
}

/** So many are seen at a glance: their names need no filter. */
const FEW = 8;

/** What is compared with, what is shown, and how it is grouped: all of it in the address. */
export function FleetControls({
  all,
  bundle,
  bundles,
  canGroup = false,
}: Pick<Fleet, 'bundle' | 'bundles'> & {
  readonly all: readonly FleetTarget[];
  readonly canGroup?: boolean;
}): JSX.Element {
  const address = useAddress();
  const labels = labelsOf(all);
  const chosenLabels = address.all('label');
  const ordinals = [...new Set(all.flatMap(({ ordinal }) => (ordinal === null ? [] : [ordinal])))].sort(
    (a, b) => b - a,
  );
  // What could not leave any out, nor put any together, is not offered.
  const hasLabels = labels.size > 0 || chosenLabels.length > 0 || address.get('group') !== '';
  const isListed = bundle === null || bundles.some(({ digest }) => digest === bundle);
  return (
    <div className="row fleet-controls" role="group" aria-label="What is shown">
      <label className="row">
        <span className="muted">Bundle</span>
        <select
          className="select mono"
          value={bundle ?? NO_BUNDLE}
          onChange={(event) => address.set({ bundle: event.target.value })}
        >
          {!isListed && <option value={bundle}>{bundle.slice(0, 12)}</option>}
          {bundles.map(({ digest, createdAt, targets, problems }) => (
            <option key={digest} value={digest}>
              {digest.slice(0, 12)} · {relativeTime(Date.parse(createdAt), Date.now())}
              {problems > 0 ? ' · has problems' : targets > 0 ? ` · on ${targets}` : ''}
            </option>
          ))}
          <option value={NO_BUNDLE}>none</option>
        </select>
      </label>
      <label className="row" hidden={!hasLabels || !canGroup}>
        <span className="muted">Group by</span>
        <select
          className="select"
          value={address.get('group')}
          onChange={(event) => address.set({ group: event.target.value })}
        >
          <option value="">nothing</option>
          {[...labels.keys()].map((label) => (
            <option key={label}>{label}</option>
          ))}
        </select>
      </label>
      <label className="row" hidden={!hasLabels}>
        <span className="muted">Label</span>
        <select
          className="select"
          value=""
          onChange={(event) => address.set({ label: [...chosenLabels, event.target.value] })}
        >
          <option value="">any</option>
          {[...labels].map(([label, values]) => (
            <optgroup key={label} label={label}>
              {[...values]
                .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
                .slice(0, 50)
                .map((value) => (
                  <option key={value} value={`${label}:${value}`}>
                    {label}:{value}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </label>
      <label className="row" hidden={ordinals.length < 2 && address.get('ordinal') === ''}>
        <span className="muted">At</span>
        <select
          className="select"
          value={address.get('ordinal')}
          onChange={(event) => address.set({ ordinal: event.target.value })}
        >
          <option value="">any file</option>
          {ordinals.slice(0, 100).map((ordinal) => (
            <option key={ordinal} value={ordinal}>
              {String(ordinal).padStart(5, '0')}
            </option>
          ))}
        </select>
      </label>
      <input
        className="input"
        type="search"
        aria-label="Filter by name"
        hidden={all.length <= FEW && address.get('name') === ''}
        placeholder="Name"
        value={address.get('name')}
        onChange={(event) => address.set({ name: event.target.value }, { replace: true })}
      />
      {chosenLabels.map((label) => (
        <Button
          key={label}
          aria-label={`No longer only ${label}`}
          onClick={() => address.set({ label: chosenLabels.filter((one) => one !== label) })}
        >
          {label} <Icon name="close" size={10} />
        </Button>
      ))}
    </div>
  );
}
