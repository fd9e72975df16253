import type { JSX, ReactNode } from 'react';
import { Field } from './field.tsx';

/** As many characters as the API takes. */
const MOST = 1000;

/** Why somebody does a thing: kept with it, and in the audit log. */
export function ReasonField({
  reason,
  onChange,
  hint,
  isRequired = true,
}: {
  readonly reason: string;
  readonly onChange: (reason: string) => void;
  readonly hint?: ReactNode;
  readonly isRequired?: boolean;
}): JSX.Element {
  return (
    <Field label="Reason" hint={hint}>
      {(control) => (
        <input
          className="input"
          {...control}
          required={isRequired}
          maxLength={MOST}
          value={reason}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
