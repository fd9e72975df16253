import { optionNames, visitNodes } from './tree.ts';

type Fields = Readonly<Record<string, unknown>>;
/**
 * The statements that PreventInTransactionBlock (src/backend/access/transam/xact.c) guards, as far as the
 * text decides. REINDEX and CLUSTER of a partitioned table, and CALL and DO that commit, can't be known here:
 * they fail safely, and a `-- transactional: false` header is the way to say so.
 */
export function runsOutsideTransaction(kind: string, fields: Fields): boolean {
  switch (kind) {
    case 'IndexStmt':
    case 'DropStmt':
      return fields['concurrent'] === true;
    case 'ReindexStmt':
      return (
        ['REINDEX_OBJECT_SCHEMA', 'REINDEX_OBJECT_SYSTEM', 'REINDEX_OBJECT_DATABASE'].includes(
          String(fields['kind']),
        ) ||
        (optionNames(fields['params']).includes('concurrently') && !optionIsFalse(fields['params'], ['concurrently']))
      );
    case 'VacuumStmt':
      return fields['is_vacuumcmd'] === true;
    case 'ClusterStmt':
      return fields['relation'] === undefined;
    case 'CreatedbStmt':
    case 'DropdbStmt':
    case 'CreateTableSpaceStmt':
    case 'DropTableSpaceStmt':
    case 'AlterSystemStmt':
      return true;
    case 'AlterDatabaseStmt':
      return optionNames(fields['options']).includes('tablespace');
    case 'AlterTableStmt':
      return detachesConcurrently(fields);
    case 'CreateSubscriptionStmt':
      return !optionIsFalse(fields['options'], ['connect', 'create_slot']);
    case 'DropSubscriptionStmt':
      return true;
    case 'AlterSubscriptionStmt':
      return alterSubscriptionRefreshes(fields);
    case 'DiscardStmt':
      return fields['target'] === 'DISCARD_ALL';
    case 'TransactionStmt':
      return ['TRANS_STMT_COMMIT_PREPARED', 'TRANS_STMT_ROLLBACK_PREPARED'].includes(String(fields['kind']));
    default:
      return false;
  }
}

function detachesConcurrently(fields: Fields): boolean {
  let found = false;
  visitNodes(fields['cmds'], (kind, command) => {
    if (kind === 'AlterTableCmd' && command['subtype'] === 'AT_DetachPartition') {
      visitNodes(command['def'], (inner, def) => {
        if (inner === 'PartitionCmd' && def['concurrent'] === true) found = true;
      });
    }
  });
  return found;
}

function optionIsFalse(options: unknown, names: readonly string[]): boolean {
  if (!Array.isArray(options)) return false;
  return options.some((item) => {
    const { defname, arg } = (item as { DefElem?: { defname?: string; arg?: unknown } }).DefElem ?? {};
    const text = JSON.stringify(arg ?? null).toLowerCase();
    return names.includes(defname ?? '') && /"(false|off|0)"|"ival":\{\}|"boolval":\{\}/.test(text);
  });
}

function alterSubscriptionRefreshes(fields: Fields): boolean {
  const kind = String(fields['kind']);
  if (kind === 'ALTER_SUBSCRIPTION_REFRESH') return true;
  if (kind === 'ALTER_SUBSCRIPTION_OPTIONS') {
    const names = optionNames(fields['options']);
    return names.includes('failover') || names.includes('two_phase');
  }
  const changesPublication = /_(SET|ADD|DROP)_PUBLICATION$/.test(kind);
  return changesPublication && !optionIsFalse(fields['options'], ['refresh']);
}
