import { type ConnectionSettings, parseDsn, SqlDeployError } from '@postgres-manager/sql-deploy';
import { ControlPlaneError } from '../errors.ts';
import type { Keyring } from './keyring.ts';
import { openSecret } from './secret-box.ts';
import type { TargetConnection } from './target-row.ts';

/**
 * The settings to connect to a target with: only a worker ever asks for them.
 * @param environment looks up the variable that a `dsnEnv` names
 * @throws ControlPlaneError secret_unresolvable, which never shows any part of a DSN
 */
export function resolveConnection(
  target: TargetConnection,
  keyring: Keyring,
  environment: (variable: string) => string | undefined,
): ConnectionSettings {
  const { source, name } = target;
  if (source.kind === 'sealed') {
    return readDsn(openSecret({ bytes: source.secret, keyId: source.keyId }, name, keyring), 'The stored DSN', name);
  }
  const dsn = environment(source.variable);
  if (dsn === undefined || dsn.trim() === '') {
    throw new ControlPlaneError(
      'secret_unresolvable',
      `The DSN of target ${name} is to be in the environment variable ${source.variable}, which is not set in this worker.`,
      'Set it for every worker and start them again.',
    );
  }
  return readDsn(dsn, `The DSN in ${source.variable}`, name);
}

function readDsn(dsn: string, what: string, targetName: string): ConnectionSettings {
  try {
    return parseDsn(dsn);
  } catch (error) {
    if (!(error instanceof SqlDeployError)) throw error;
    throw new ControlPlaneError('secret_unresolvable', `${what} (target ${targetName}): ${error.message}`, error.hint);
  }
}
