import { type JSX, useState } from 'react';
import { Link } from 'wouter';
import type { Answer } from '../api/client.ts';
import { useAsk } from '../api/hooks.ts';
import { BundleSelect } from '../bundles/bundle-select.tsx';
import { shortDigest } from '../bundles/texts.ts';
import { UploadBundle } from '../bundles/upload-bundle.tsx';
import { Field } from '../ui/field.tsx';
import { counted } from '../ui/time-text.ts';
import type { FormPart } from './form-part.ts';
import { MODES, type Mode } from './start-settings.ts';

const ABOUT: Readonly<Record<Mode, string>> = {
  deployment: 'Runs what of deployment/ is not applied, in order.',
  create: 'Builds a new database from create/.',
  'manual-deployment': 'Runs what of manual-deployment/ is not applied: repairs by hand.',
};

type Source = 'server' | 'stored' | 'upload';
const SOURCES: readonly (readonly [Source, string])[] = [
  ['server', 'The server’s own folders'],
  ['stored', 'A stored bundle'],
  ['upload', 'A folder of this computer'],
];

/** What is to be brought there. */
export function BundleFields({ settings, set }: FormPart): JSX.Element {
  const { mode, bundle } = settings;
  const [wanted, setWanted] = useState<Source>(bundle === '' ? 'server' : 'stored');
  // Whatever was chosen before: an address with a bundle says which.
  const source = bundle !== '' && wanted === 'server' ? 'stored' : wanted;
  return (
    <fieldset className="stack">
      <legend>What</legend>
      <Field label="Mode" hint={ABOUT[mode]}>
        {(control) => (
          <select {...control} className="select" value={mode} onChange={(event) => set({ mode: event.target.value })}>
            {MODES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        )}
      </Field>
      <div className="row">
        {SOURCES.map(([one, title]) => (
          <label key={one} className="row">
            <input
              type="radio"
              name="source"
              checked={source === one}
              onChange={() => {
                setWanted(one);
                if (one === 'server') set({ bundle: null });
              }}
            />
            {title}
          </label>
        ))}
      </div>
      {source === 'server' && (
        <p className="muted small">As they are when the plan is made; that very state is started.</p>
      )}
      {source === 'stored' && <Stored bundle={bundle} set={set} />}
      {source === 'upload' && <Uploaded bundle={bundle} set={set} />}
    </fieldset>
  );
}

function Stored({ bundle, set }: Pick<FormPart, 'set'> & { readonly bundle: string }): JSX.Element {
  const { data } = useAsk('listBundles', { query: { limit: 100 } });
  return (
    <Field
      label="Bundle"
      hint={bundle !== '' && <Link to={`/bundles/${bundle}`}>Look into {shortDigest(bundle)}</Link>}
    >
      {(control) => (
        <BundleSelect
          control={control}
          value={bundle}
          bundles={data?.items ?? []}
          onChange={(digest) => set({ bundle: digest })}
        />
      )}
    </Field>
  );
}

function Uploaded({ bundle, set }: Pick<FormPart, 'set'> & { readonly bundle: string }): JSX.Element {
  const [stored, setStored] = useState<Answer<'storeBundle'> | null>(null);
  return (
    <>
      <UploadBundle
        onStored={(answer) => {
          setStored(answer);
          set({ bundle: answer.digest });
        }}
      />
      {stored !== null && stored.digest === bundle && <Verdict stored={stored} />}
    </>
  );
}

const MOST_SHOWN = 20;

function Verdict({ stored: { digest, problems } }: { readonly stored: Answer<'storeBundle'> }): JSX.Element {
  if (problems.length === 0) {
    return (
      <p>
        Stored as <Link to={`/bundles/${digest}`}>{shortDigest(digest)}</Link>: the validator found no problem.
      </p>
    );
  }
  return (
    <div className="error-box" role="alert">
      <strong>
        The validator found {counted(problems.length, 'problem')}: mend the files and choose the folder again.
      </strong>
      <ul className="stack">
        {problems.slice(0, MOST_SHOWN).map(({ rule, path, line, column, message, hint }) => (
          <li key={`${rule} ${path} ${line} ${column}`}>
            <Link to={`/bundles/${digest}?${new URLSearchParams({ file: path })}`}>
              <code>
                {path}
                {line === null ? '' : `:${line}:${column ?? 1}`}
              </code>
            </Link>{' '}
            {message} {hint}
          </li>
        ))}
      </ul>
      {problems.length > MOST_SHOWN && (
        <Link to={`/bundles/${digest}`}>All {problems.length.toLocaleString('en')} at their places</Link>
      )}
    </div>
  );
}
