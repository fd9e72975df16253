import { readBundle, validate } from '@postgres-manager/sql-deploy';
import type { ValidateInvocation } from '../invocation.ts';
import { type Outcome, outcomeOf } from '../outcome.ts';
import { describeProblems } from '../output/describe-failure.ts';
import { count, formatDuration } from '../output/duration.ts';
import { requireFolder } from './target-options.ts';

/** Checks the three folders, without any database. */
export async function runValidate(invocation: ValidateInvocation): Promise<Outcome> {
  const startedAt = Date.now();
  const bundle = await readBundle(invocation.root);
  requireFolder(bundle, null);
  const problems = await validate(bundle);
  const durationMs = Date.now() - startedAt;
  const files = bundle.files.filter((file) => file.name.toLowerCase().endsWith('.sql')).length;
  const folders = [...bundle.folders].sort();
  const checked = `${count(files, 'SQL file')} in ${folders.map((folder) => `${folder}/`).join(', ')}`;
  const extra = { files, folders, bundleDigest: bundle.digest };
  return outcomeOf({ status: problems.length === 0 ? 'succeeded' : 'invalid', problems, durationMs }, extra, (paint) =>
    problems.length === 0
      ? [paint.green(`valid: ${checked} (${formatDuration(durationMs)})`)]
      : [
          ...describeProblems(problems, paint),
          '',
          paint.red(`${count(problems.length, 'problem')} found in ${checked}`),
        ],
  );
}
