import { type FormEvent, type JSX, useEffect, useState } from 'react';
import type { ApiError } from '../api/api-error.ts';
import { Button } from '../ui/button.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Field } from '../ui/field.tsx';
import { useSession } from './session.tsx';
import './sign-in-page.css';

/** Asks for a key. */
export function SignInPage({
  error,
  isExpired,
}: {
  readonly error: ApiError | null;
  readonly isExpired: boolean;
}): JSX.Element {
  const { signIn } = useSession();
  const [key, setKey] = useState('');
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    document.title = 'Sign in · Postgres Manager';
  }, []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    void signIn(key.trim()).finally(() => setBusy(false));
  };
  const isWrong = error?.code === 'key_invalid' || error?.code === 'key_missing';
  return (
    <main className="sign-in">
      <form className="panel" onSubmit={submit}>
        <h1>
          <img src="/icon.svg" alt="" width={28} height={28} /> Postgres Manager
        </h1>
        {isExpired && (
          <p role="status">
            The key is no longer taken: it has expired or was revoked. With another one you are back where you were.
          </p>
        )}
        {error !== null && !isWrong && <Refusal error={error} />}
        <Field
          label="API key"
          hint="Kept in this tab alone, until it is closed. With npm start it is in .local/api-key."
          fault={isWrong ? 'This key is not taken: it is unknown, expired or revoked.' : undefined}
        >
          {(control) => (
            <input
              {...control}
              className="input mono"
              type="password"
              name="key"
              required
              autoFocus
              autoComplete="off"
              spellCheck={false}
              placeholder="pgm_…"
              value={key}
              onChange={(event) => setKey(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" kind="primary" disabled={isBusy}>
          Sign in
        </Button>
      </form>
    </main>
  );
}

function Refusal({ error }: { readonly error: ApiError }): JSX.Element {
  // The API says the same of every code that it does not take; whoever came by a link wants to know what to do.
  if (error.code !== 'sign_in_refused') return <ErrorBox error={error} />;
  return (
    <div className="error-box" role="alert">
      <strong>This sign-in link is not taken.</strong>
      <span>
        It works once, within 15 minutes of <code>npm start</code>, in a browser on the same machine, under{' '}
        <code>localhost</code>. No key was made.
      </span>
      <span>
        Sign in below with the key in <code>.local/api-key</code>. Or end <code>npm start</code> with Ctrl-C and type it
        again: it shows a new link.
      </span>
    </div>
  );
}
