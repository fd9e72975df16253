import type { BundleFile } from '../bundle/bundle.ts';
import { ScriptReader } from './script-reader.ts';

/** How a file would be run. */
export interface ScriptDescription {
  /** In one transaction with its ledger row; else statement by statement. */
  readonly transactional: boolean;
  readonly statementCount: number;
}

/**
 * Tells how a file would be run.
 * @param file a `.sql` file of valid UTF-8
 * @returns null for one that the rules of scripts find problems in
 */
export async function describeScript(file: BundleFile): Promise<ScriptDescription | null> {
  const { problems, transactional, statementCount } = await new ScriptReader().read(file);
  return problems.length > 0 ? null : { transactional, statementCount };
}
