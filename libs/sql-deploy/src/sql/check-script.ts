import type { BundleFile } from '../bundle/bundle.ts';
import type { Problem } from '../validate/problem.ts';
import { ScriptReader } from './script-reader.ts';

/**
 * The problems that only a parser finds: rules syntax, transaction-control and session-escape.
 * @param files `.sql` files of valid UTF-8
 * @param reader keeps what it read, so that a following run need not parse again
 */
export async function checkScripts(files: readonly BundleFile[], reader = new ScriptReader()): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const file of files) problems.push(...(await reader.read(file)).problems);
  return problems;
}
