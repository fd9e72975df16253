import { SqlDeployError } from '../errors.ts';
import type { TargetOptions } from '../execute/options.ts';
import { missingLedgerGrant, type TargetFacts } from './facts.ts';
import type { Session } from './session.ts';

const OLDEST_SERVER = 120000;

/**
 * The guards that need no ledger: a target that cannot or must not be changed is refused before the first statement.
 * @throws SqlDeployError standby, read_only, pooler, server_too_old or permission_missing
 */
export function guard(facts: TargetFacts, session: Session, options: TargetOptions, readsOnly: boolean): void {
  if (session.backendPid !== facts.backendPid && options.acceptPooler !== true) {
    throw new SqlDeployError(
      'pooler',
      'A connection pooler answers at this address: the server process is another than the one announced. Behind a pooler in transaction mode the lock on the target would be lost. Nothing was changed.',
      'Give the address of the server itself. If the pooler is in session mode, --accept-pooler says so.',
    );
  }
  if (facts.versionNumber < OLDEST_SERVER) {
    throw new SqlDeployError(
      'server_too_old',
      `The server is PostgreSQL ${facts.serverVersion}; 12 is the oldest that this tool works with. Nothing was changed.`,
      'Upgrade the server.',
    );
  }
  if (readsOnly) {
    if (!facts.ledgerReadable) throw missingLedgerGrant(facts.user);
    if (!facts.legacyTableReadable) throw missingLegacyGrant(facts);
    return;
  }
  if (facts.inRecovery) {
    throw new SqlDeployError(
      'standby',
      'This server is a standby and takes no changes. Nothing was changed.',
      'Give the address of the primary.',
    );
  }
  if (facts.readOnly) {
    throw new SqlDeployError(
      'read_only',
      'This database, role or server is set to read-only (default_transaction_read_only = on). Nothing was changed.',
      'Find out why it was set; then ALTER DATABASE or ALTER ROLE … RESET default_transaction_read_only.',
    );
  }
  guardPermissions(facts);
}

function guardPermissions(facts: TargetFacts): void {
  const user = `"${facts.user}"`;
  if (!facts.hasLedger && !facts.mayCreateSchema) {
    throw new SqlDeployError(
      'permission_missing',
      `The role ${facts.user} may not create the ledger: it has no CREATE on the database ${facts.database}. Nothing was changed.`,
      `As owner of the database: GRANT CREATE ON DATABASE "${facts.database}" TO ${user};`,
    );
  }
  if (!facts.ledgerWritable) throw missingLedgerGrant(facts.user);
  if (!facts.legacyTableReadable || !facts.legacyTableWritable) throw missingLegacyGrant(facts);
}

function missingLegacyGrant(facts: TargetFacts): SqlDeployError {
  return new SqlDeployError(
    'permission_missing',
    `The role ${facts.user} may not read and write ${facts.legacyTable}, which is kept in step with the ledger. Nothing was changed.`,
    `As its owner: GRANT SELECT, INSERT ON ${facts.legacyTable} TO "${facts.user}";`,
  );
}
