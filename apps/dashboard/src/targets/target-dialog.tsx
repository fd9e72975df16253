import { useQueryClient } from '@tanstack/react-query';
import { type JSX, useState } from 'react';
import type { Answer } from '../api/client.ts';
import { useClient } from '../session/session.tsx';
import { ConfirmDialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { useToast } from '../ui/toast.tsx';
import { bodyOf, formOf, parseLabels, type TargetForm } from './target-input.ts';
import './targets.css';

/** Registers a target, or changes one. */
export function TargetDialog({
  target,
  onClose,
  onSaved,
}: {
  /** Null: a new one. */
  readonly target: Answer<'getTarget'> | null;
  readonly onClose: () => void;
  readonly onSaved?: (name: string) => void;
}): JSX.Element {
  const toast = useToast();
  const client = useClient();
  const queries = useQueryClient();
  const [form, setForm] = useState(() => formOf(target));
  const set = (changes: Partial<TargetForm>): void => setForm((before) => ({ ...before, ...changes }));
  const labelsFault = parseLabels(form.labels).fault ?? undefined;
  const save = async (): Promise<void> => {
    const name = form.name.trim();
    // By the client itself: what `useAct` sends is remembered for a while, and a DSN is not to be.
    await client.call('putTarget', { params: { name }, body: bodyOf(form, target) });
    set({ dsn: '' });
    void queries.invalidateQueries();
    toast(target === null ? `${name} is registered.` : `${name} is changed.`);
    onSaved?.(name);
  };
  return (
    <ConfirmDialog
      title={target === null ? 'Register a target' : `Change ${target.name}`}
      confirmLabel={target === null ? 'Register' : 'Save'}
      onClose={onClose}
      onConfirm={save}
    >
      <p className="muted">
        {target === null
          ? 'A Postgres database under a name. Nothing is connected to by this; the first deployment or dry run does.'
          : 'The next deployment goes by this. The database itself is not touched, nor what is under way.'}
      </p>
      {target === null && (
        <Field label="Name" hint="Lower-case letters, digits, dots, dashes.">
          {(control) => (
            <input
              {...control}
              className="input"
              required
              autoFocus
              spellCheck={false}
              value={form.name}
              onChange={(event) => set({ name: event.target.value })}
            />
          )}
        </Field>
      )}
      <Address form={form} set={set} isNew={target === null} />
      <Field label="Labels" hint="env:production region:eu" fault={labelsFault}>
        {(control) => (
          <input
            {...control}
            className="input"
            spellCheck={false}
            value={form.labels}
            onChange={(event) => set({ labels: event.target.value })}
            ref={(element) => element?.setCustomValidity(labelsFault ?? '')}
          />
        )}
      </Field>
      <details className="stack">
        <summary>Time-outs, pooler, another database</summary>
        <Details form={form} set={set} isNew={target === null} />
      </details>
    </ConfirmDialog>
  );
}

interface Part {
  readonly form: TargetForm;
  readonly set: (changes: Partial<TargetForm>) => void;
  readonly isNew: boolean;
}

function Address({ form, set, isNew }: Part): JSX.Element {
  return (
    <>
      <Field
        label="DSN"
        hint={`postgres://USER:PASSWORD@HOST:PORT/DATABASE. It is stored encrypted and never shown again.${isNew ? '' : ' Empty: it stays as it is.'}`}
      >
        {(control) => (
          <input
            {...control}
            className="input mono"
            type="password"
            autoComplete="off"
            spellCheck={false}
            required={isNew && form.dsnEnv === ''}
            value={form.dsn}
            onChange={(event) => set({ dsn: event.target.value })}
          />
        )}
      </Field>
      <Field label="Or the variable that holds it" hint="In the environment of the workers.">
        {(control) => (
          <input
            {...control}
            className="input mono"
            spellCheck={false}
            placeholder="SHOP_DSN"
            value={form.dsnEnv}
            onChange={(event) => set({ dsnEnv: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}

function Details({ form, set, isNew }: Part): JSX.Element {
  const number = (name: 'lockTimeoutMs' | 'statementTimeoutMs', label: string, hint: string): JSX.Element => (
    <Field label={label} hint={hint}>
      {(control) => (
        <input
          {...control}
          className="input"
          type="number"
          min={0}
          max={86_400_000}
          value={form[name]}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <div className="stack">
      {number('lockTimeoutMs', 'lock_timeout, ms', 'How long a statement waits for a lock. Empty: 5000.')}
      {number('statementTimeoutMs', 'statement_timeout, ms', 'How long a statement may take. Empty: no limit.')}
      <label className="row">
        <input
          type="checkbox"
          checked={form.acceptPooler}
          onChange={(event) => set({ acceptPooler: event.target.checked })}
        />
        There is a pooler at this address, in session mode
      </label>
      {!isNew && (
        <label className="row">
          <input
            type="checkbox"
            checked={form.acceptIdentity}
            onChange={(event) => set({ acceptIdentity: event.target.checked })}
          />
          The next deployment may find another database there than the last one did
        </label>
      )}
    </div>
  );
}
