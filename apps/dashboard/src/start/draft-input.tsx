import { type ComponentProps, type JSX, useState } from 'react';

/**
 * A field that tells each change, and keeps what is typed as it is typed: emptied, it stays empty, though what counts
 * then is the default.
 */
export function DraftInput({
  value,
  onDraft,
  ...rest
}: { readonly value: string; readonly onDraft: (text: string) => void } & Omit<
  ComponentProps<'input'>,
  'value' | 'onChange'
>): JSX.Element {
  const [draft, setDraft] = useState(value);
  return (
    <input
      {...rest}
      value={draft}
      onChange={(event) => {
        setDraft(event.target.value);
        onDraft(event.target.value);
      }}
    />
  );
}
