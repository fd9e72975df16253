import type { DeploymentFailure } from '../deployments/deployment-failure.ts';
import type { RolloutTargetState } from './rollout-states.ts';

/**
 * What a dry run found on targets: `needs` these files, as most do; `behind` needs more than these, `ahead` others or
 * fewer; `current` needs none; `changed`, `refused`: its ledger does not fit the bundle; `unreachable`; `failed`
 * otherwise; `skipped` was left out; `not_seen` was not looked at yet.
 */
export type PlanKind =
  | 'needs'
  | 'behind'
  | 'ahead'
  | 'current'
  | 'changed'
  | 'refused'
  | 'unreachable'
  | 'failed'
  | 'skipped'
  | 'not_seen';

/** Targets of which a dry run found the same, before it is said what that is. */
export interface FoundAlike {
  readonly state: RolloutTargetState;
  /** The files that would be applied, in order. */
  readonly files: readonly string[];
  readonly failure: DeploymentFailure | null;
  readonly count: number;
  /** The first of them, in the rollout's order. */
  readonly targets: readonly string[];
}

/** Targets of which a dry run found the same. */
export interface PlanGroup extends Omit<FoundAlike, 'state'> {
  readonly kind: PlanKind;
  /** One sentence. */
  readonly says: string;
}

const UNREACHABLE = ['unreachable', 'authentication_failed', 'database_missing', 'tls_failed', 'secret_unresolvable'];
const REFUSED = [
  'missing_file',
  'out_of_order',
  'create_incomplete',
  'target_not_new',
  'unfinished_step',
  'wrong_database',
  'standby',
  'read_only',
  'pooler',
  'permission_missing',
  'server_too_old',
];

/** Says of each group what it is: measured by what most targets need. The trouble comes first, then the largest. */
export function planGroups(found: readonly FoundAlike[]): PlanGroup[] {
  const needy = found.filter(({ state, files }) => state === 'succeeded' && files.length > 0);
  const usual = needy.reduce<FoundAlike | null>((most, one) => (one.count > (most?.count ?? 0) ? one : most), null);
  return found
    .map((one) => {
      const kind = kindOf(one, usual);
      const { state: _, ...rest } = one;
      return { kind, says: sentence(kind, one, usual), ...rest };
    })
    .sort((a, b) => rank(a.kind) - rank(b.kind) || b.count - a.count);
}

const TROUBLE: readonly PlanKind[] = ['changed', 'refused', 'unreachable', 'failed'];

function rank(kind: PlanKind): number {
  if (TROUBLE.includes(kind)) return 0;
  return kind === 'not_seen' || kind === 'skipped' ? 2 : 1;
}

function kindOf({ state, files, failure }: FoundAlike, usual: FoundAlike | null): PlanKind {
  if (state === 'skipped') return 'skipped';
  if (state === 'pending' || state === 'started') return 'not_seen';
  if (state !== 'succeeded') {
    const code = failure?.code ?? '';
    if (UNREACHABLE.includes(code)) return 'unreachable';
    if (code.startsWith('changed_')) return 'changed';
    return REFUSED.includes(code) ? 'refused' : 'failed';
  }
  if (files.length === 0) return 'current';
  if (usual === null || usual.files.join('\n') === files.join('\n')) return 'needs';
  return usual.files.every((file) => files.includes(file)) ? 'behind' : 'ahead';
}

function sentence(kind: PlanKind, { count, files, failure }: FoundAlike, usual: FoundAlike | null): string {
  const [who, is, needs] = count === 1 ? ['1 target', 'is', 'needs'] : [`${count} targets`, 'are', 'need'];
  const file = (n: number): string => (n === 1 ? 'file' : 'files');
  switch (kind) {
    case 'needs':
      return `${who} ${needs} ${count === 1 ? 'this' : 'the same'} ${files.length} ${file(files.length)}.`;
    case 'behind': {
      const more = files.length - (usual?.files.length ?? 0);
      return `${who} ${is} behind: ${more} ${file(more)} more than most.`;
    }
    case 'ahead':
      return `${who} ${needs} other files than most: ${files.length}.`;
    case 'current':
      return `${who} ${is} up to date.`;
    case 'changed':
      return `${who}: ${failure?.file ?? 'a file'} was changed after it was applied.`;
    case 'refused':
      return `${who} would refuse it: ${failure?.message ?? ''}`;
    case 'unreachable':
      return `${who} can’t be reached: ${failure?.message ?? ''}`;
    case 'failed':
      return `${who} could not be looked at: ${failure?.message ?? ''}`;
    case 'skipped':
      return `${who} ${is} left out.`;
    case 'not_seen':
      return `${who} ${is} not looked at yet.`;
  }
}
