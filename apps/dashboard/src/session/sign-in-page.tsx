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
        {error !== null && !isWrong && <ErrorBox error={error} />}
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
