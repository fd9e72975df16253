import type { JSX } from 'react';
import type { Item } from '../api/client.ts';
import { relativeTime } from '../ui/time-text.ts';
import type { FieldControl } from '../ui/field.tsx';
import { shortDigest } from './texts.ts';

/** Chooses one of the bundles that are stored; one that is not among the newest is kept all the same. */
export function BundleSelect({
  value,
  bundles,
  onChange,
  control,
  none,
}: {
  readonly value: string;
  readonly bundles: readonly Item<'listBundles'>[];
  readonly onChange: (digest: string) => void;
  readonly control?: FieldControl;
  /** What choosing none is called; without it one has to be chosen. */
  readonly none?: string;
}): JSX.Element {
  const isListed = value === '' || bundles.some(({ digest }) => digest === value);
  return (
    <select {...control} className="select mono" value={value} onChange={(event) => onChange(event.target.value)}>
      {none !== undefined || value === '' ? <option value="">{none ?? 'choose a bundle'}</option> : null}
      {!isListed && <option value={value}>{shortDigest(value)}</option>}
      {bundles.map(({ digest, createdAt, problems, targets }) => (
        <option key={digest} value={digest}>
          {shortDigest(digest)} · {relativeTime(Date.parse(createdAt), Date.now())}
          {problems > 0 ? ` · ${problems} problems` : targets > 0 ? ` · on ${targets}` : ''}
        </option>
      ))}
    </select>
  );
}
