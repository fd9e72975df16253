import { type JSX, useId, useMemo } from 'react';
import { useAsk } from '../api/hooks.ts';
import { labelsOf } from '../fleet/group-targets.ts';
import type { FleetTarget } from '../fleet/fleet.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import { counted } from '../ui/time-text.ts';
import type { FormPart } from './form-part.ts';
import { isSelected, selectorOf } from './start-request.ts';
import type { Scope } from './start-settings.ts';

const SCOPES: readonly (readonly [Scope, string])[] = [
  ['one', 'One target'],
  ['labels', 'Targets by label'],
  ['names', 'These targets'],
];
const NONE: readonly FleetTarget[] = [];
const MOST_VALUES = 100;

/** Where it is to go. */
export function TargetFields({ settings, faults, set }: FormPart): JSX.Element {
  const { data } = useAsk('getFleet', { query: {} });
  const all = data?.targets ?? NONE;
  return (
    <fieldset className="stack">
      <legend>Where</legend>
      <div className="row">
        {SCOPES.map(([scope, title]) => (
          <label key={scope} className="row">
            <input type="radio" name="scope" checked={settings.scope === scope} onChange={() => set({ scope })} />
            {title}
          </label>
        ))}
      </div>
      {settings.scope === 'one' && <OneTarget all={all} settings={settings} faults={faults} set={set} />}
      {settings.scope === 'labels' && <ByLabel all={all} settings={settings} faults={faults} set={set} />}
      {settings.scope === 'names' && (
        <Field
          label="Names of targets"
          hint="One a line, in the order in which they are to come."
          fault={faults.targets}
        >
          {(control) => (
            <textarea
              {...control}
              className="input mono"
              rows={4}
              spellCheck={false}
              defaultValue={settings.targets.join('\n')}
              onChange={(event) => set({ target: event.target.value.split(/[\s,]+/).filter(Boolean), scope: 'names' })}
            />
          )}
        </Field>
      )}
    </fieldset>
  );
}

interface Part extends FormPart {
  readonly all: readonly FleetTarget[];
}

function OneTarget({ all, settings, faults, set }: Part): JSX.Element {
  const names = useId();
  return (
    <Field label="Target" fault={faults.targets}>
      {(control) => (
        <>
          <input
            {...control}
            className="input"
            list={names}
            spellCheck={false}
            autoComplete="off"
            value={settings.targets[0] ?? ''}
            onChange={(event) => set({ target: event.target.value })}
          />
          <datalist id={names}>
            {all.map(({ target }) => (
              <option key={target} value={target} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

function ByLabel({ all, settings: { labels }, set }: Part): JSX.Element {
  const known = useMemo(() => labelsOf(all), [all]);
  const selector = selectorOf(labels);
  const fitting = all.filter((target) => isSelected(target.labels, selector)).length;
  return (
    <Field
      label="With the labels"
      hint={
        labels.length === 0
          ? `None: every target that this key may use (${all.length.toLocaleString('en')}).`
          : `${counted(fitting, 'target')} of ${all.length.toLocaleString('en')}. Two values of one label are either of them.`
      }
    >
      {(control) => (
        <div className="row">
          {labels.map((label) => (
            <Button
              key={label}
              aria-label={`Without ${label}`}
              onClick={() => set({ label: labels.filter((one) => one !== label), scope: 'labels' })}
            >
              {label} <Icon name="close" size={10} />
            </Button>
          ))}
          <select
            {...control}
            className="select"
            value=""
            onChange={(event) => set({ label: [...labels, event.target.value], scope: 'labels' })}
          >
            <option value="">add a label</option>
            {[...known].map(([name, values]) => (
              <optgroup key={name} label={name}>
                {[...values]
                  .filter((value) => !labels.includes(`${name}:${value}`))
                  .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
                  .slice(0, MOST_VALUES)
                  .map((value) => (
                    <option key={value} value={`${name}:${value}`}>
                      {name}:{value}
                    </option>
                  ))}
              </optgroup>
            ))}
          </select>
        </div>
      )}
    </Field>
  );
}
