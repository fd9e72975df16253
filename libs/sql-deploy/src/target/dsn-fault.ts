import { SqlDeployError } from '../errors.ts';

/**
 * What is wrong with a DSN. Only fixed text and names from fixed lists may go into it, and no cause:
 * any piece of the DSN may be a piece of its password.
 */
export function dsnFault(message: string, hint: string): SqlDeployError {
  return new SqlDeployError('dsn_invalid', `${message}.`, hint);
}

/** For a text that falls apart in the wrong places, most often because of a password. */
export const ENCODE_HINT =
  'In a URL the characters / ? # @ % [ ] : and spaces of a user, password or database name are percent-encoded. ' +
  'This prints the encoded form of what is typed into it, ended with Ctrl-D: node -p "encodeURIComponent(fs.readFileSync(0, \'utf8\').trim())"';

/** libpq would try them in turn; a tool that changes schemas must not. */
export function severalHosts(): SqlDeployError {
  return dsnFault(
    'The DSN names several hosts',
    'Name the primary server alone: which of several would be changed must not be left to chance.',
  );
}
