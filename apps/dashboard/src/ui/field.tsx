import { type JSX, type ReactNode, useId } from 'react';

/** What a field's control is told: its id, and what describes it. */
export interface FieldControl {
  readonly id: string;
  readonly 'aria-describedby': string;
  readonly 'aria-invalid': boolean;
}

/** A named field of a form: `<Field label="Reason">{(control) => <input className="input" {...control} />}</Field>`. */
export function Field({
  label,
  hint,
  fault,
  children,
}: {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong with what it holds. */
  readonly fault?: string | undefined;
  readonly children: (control: FieldControl) => ReactNode;
}): JSX.Element {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-about`, 'aria-invalid': fault !== undefined })}
      <div id={`${id}-about`}>
        {hint !== undefined && <div className="hint">{hint}</div>}
        {fault !== undefined && <div className="fault">{fault}</div>}
      </div>
    </div>
  );
}
