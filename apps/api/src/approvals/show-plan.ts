import type { Approvable, findWavePlan, WavePlan } from '@postgres-manager/control-plane';

/** A deployment's plan as an approver is shown it. */
export function showDeploymentPlan({ deployment, plan, seenAt }: Approvable): Record<string, unknown> {
  return {
    deployment: deployment.id,
    status: deployment.status,
    askedBy: deployment.createdBy,
    seenAt,
    ...plan,
  };
}

type Found = NonNullable<Awaited<ReturnType<typeof findWavePlan>>>;

/** A wave's plans as an approver is shown them: targets that would run the same files together. */
export function showWavePlan({ rollout, wave }: Found): Record<string, unknown> {
  return {
    rollout: rollout.id,
    status: rollout.status,
    mode: rollout.mode,
    bundle: rollout.bundle_digest,
    askedBy: rollout.created_by,
    wave: wave?.wave ?? null,
    plan: wave?.plan ?? null,
    targets: wave?.targets.length ?? 0,
    plans: wave === null ? [] : group(wave.targets),
  };
}

function group(targets: WavePlan['targets']): unknown[] {
  const groups = new Map<string, WavePlan['targets'][number][]>();
  for (const one of targets) {
    const key = JSON.stringify([one.plan.basis, one.plan.steps, one.plan.stop]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((alike) => ({
    targets: alike.map(({ plan }) => plan.target),
    basis: alike[0]?.plan.basis,
    oldestSeenAt: alike.flatMap(({ seenAt }) => seenAt ?? []).sort()[0] ?? null,
    steps: alike[0]?.plan.steps,
    stop: alike[0]?.plan.stop,
  }));
}
