import { type JSX, useState } from 'react';
import { fromLocalInput, toLocalInput } from '../history/history-filter.ts';
import { Field } from '../ui/field.tsx';
import { DraftInput } from './draft-input.tsx';
import type { FormPart } from './form-part.ts';
import { DAYS, DEFAULTS } from './start-settings.ts';

/** How and when it is to go; what is not touched is as the service has it by default. */
export function OptionFields(part: FormPart): JSX.Element {
  const { settings, set } = part;
  const [wasTouched] = useState(() => isTouched(part));
  return (
    <details className="start-options" open={wasTouched}>
      <summary>{settings.scope === 'one' ? 'When and how' : 'Waves, budget, window'}</summary>
      <div className="stack">
        {settings.scope !== 'one' && <RolloutOptions {...part} />}
        <div className="start-grid">
          <Field label="Not before" hint="Empty: at once.">
            {(control) => (
              <input
                {...control}
                className="input"
                type="datetime-local"
                value={toLocalInput(settings.notBefore)}
                onChange={(event) => set({ notBefore: fromLocalInput(event.target.value) })}
              />
            )}
          </Field>
          <NumberField
            label="Priority"
            hint="Higher goes first in a target’s line."
            least={-100}
            most={100}
            value={settings.priority}
            onChange={(priority) => set({ priority })}
          />
          {settings.scope === 'one' && settings.mode === 'create' && (
            <Field label="After a file that fails">
              {(control) => (
                <select
                  {...control}
                  className="select"
                  value={settings.onError}
                  onChange={(event) => set({ onError: event.target.value })}
                >
                  <option value="stop">stop</option>
                  <option value="continue">go on, and list the failures</option>
                </select>
              )}
            </Field>
          )}
        </div>
      </div>
    </details>
  );
}

/** What an address brought along is seen. */
function isTouched({ settings }: FormPart): boolean {
  const { notBefore, priority, waves, budget, between, windowFrom } = settings;
  return (
    notBefore !== '' ||
    priority !== DEFAULTS.priority ||
    waves !== DEFAULTS.waves ||
    budget !== DEFAULTS.budget ||
    between !== 'auto' ||
    windowFrom !== ''
  );
}

function RolloutOptions({ settings, faults, set }: FormPart): JSX.Element {
  return (
    <>
      <div className="start-grid">
        <Field label="Waves" hint="Of targets: 1, 10%, env:staging, rest." fault={faults.waves}>
          {(control) => (
            <DraftInput {...control} className="input" value={settings.waves} onDraft={(waves) => set({ waves })} />
          )}
        </Field>
        <Between settings={settings} set={set} />
        <Field label="Failure budget" hint="When more targets failed, nothing more starts." fault={faults.budget}>
          {(control) => (
            <DraftInput {...control} className="input" value={settings.budget} onDraft={(budget) => set({ budget })} />
          )}
        </Field>
        <NumberField
          label="At a time"
          hint="Targets under way."
          least={1}
          most={500}
          value={settings.maxParallel}
          onChange={(maxParallel) => set({ maxParallel })}
        />
        <NumberField
          label="On one server at a time"
          hint="Of one host and port."
          least={1}
          most={500}
          value={settings.maxParallelPerServer}
          onChange={(maxParallelPerServer) => set({ maxParallelPerServer })}
        />
      </div>
      <Window settings={settings} faults={faults} set={set} />
    </>
  );
}

function Between({ settings, set }: Omit<FormPart, 'faults'>): JSX.Element {
  return (
    <Field label="Between waves">
      {(control) => (
        <span className="row">
          <select
            {...control}
            className="select"
            value={settings.between}
            onChange={(event) => set({ between: event.target.value })}
          >
            <option value="auto">go on</option>
            <option value="manual">wait for somebody</option>
            <option value="seconds">wait for a time</option>
          </select>
          {settings.between === 'seconds' && (
            <label className="row">
              <DraftInput
                className="input start-number"
                type="number"
                min={1}
                value={settings.betweenSeconds}
                onDraft={(betweenSeconds) => set({ betweenSeconds })}
              />
              seconds
            </label>
          )}
        </span>
      )}
    </Field>
  );
}

function Window({ settings, faults, set }: FormPart): JSX.Element {
  const { windowFrom, windowTo, windowDays, timeZone } = settings;
  return (
    <fieldset className="stack">
      <legend>Window</legend>
      <div className="row">
        <label className="row">
          from
          <input
            className="input"
            type="time"
            value={windowFrom}
            onChange={(event) => set({ windowFrom: event.target.value, timeZone })}
          />
        </label>
        <label className="row">
          to
          <input
            className="input"
            type="time"
            value={windowTo}
            onChange={(event) => set({ windowTo: event.target.value, timeZone })}
          />
        </label>
        <label className="row">
          in
          <DraftInput
            className="input"
            spellCheck={false}
            value={timeZone}
            onDraft={(text) => set({ timeZone: text })}
          />
        </label>
      </div>
      <div className="row">
        {DAYS.map((day) => (
          <label key={day} className="row">
            <input
              type="checkbox"
              checked={windowDays.includes(day)}
              onChange={(event) =>
                set({ day: event.target.checked ? [...windowDays, day] : windowDays.filter((one) => one !== day) })
              }
            />
            {day}
          </label>
        ))}
      </div>
      <p className="muted small">Outside of it nothing starts. No times: at any time. No days: on every day.</p>
      {faults.window !== undefined && <p className="start-fault">{faults.window}</p>}
    </fieldset>
  );
}

function NumberField({
  label,
  hint,
  least,
  most,
  value,
  onChange,
}: {
  readonly label: string;
  readonly hint: string;
  readonly least: number;
  readonly most: number;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): JSX.Element {
  return (
    <Field label={label} hint={hint}>
      {(control) => (
        <DraftInput
          {...control}
          className="input start-number"
          type="number"
          min={least}
          max={most}
          value={value}
          onDraft={onChange}
        />
      )}
    </Field>
  );
}
