import { type JSX, useMemo } from 'react';
import { useAsk } from '../api/hooks.ts';
import { ErrorBox } from '../ui/error-box.tsx';
import { Plot } from '../ui/plot.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { progressLines } from './progress-lines.ts';
import type { RolloutDetail } from './rollout.ts';

const HEIGHT = 210;

/** How many targets had ended by when, and when all of them may have. */
export function ProgressPlot({ rollout }: { readonly rollout: RolloutDetail }): JSX.Element {
  const { data, error, refetch } = useAsk('getRolloutProgress', { params: { id: rollout.id } });
  const expectedEnd = rollout.pace?.expectedEnd ?? null;
  const lines = useMemo(() => (data === undefined ? null : progressLines(data, expectedEnd)), [data, expectedEnd]);
  if (error !== null && data === undefined) return <ErrorBox error={error} onRetry={() => void refetch()} />;
  if (lines === null) return <Skeleton height={`${HEIGHT}px`} />;
  return <Plot title="Targets that had ended" {...lines} most={rollout.targets} height={HEIGHT} />;
}
