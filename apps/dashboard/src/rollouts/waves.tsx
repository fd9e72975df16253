import type { JSX } from 'react';
import { useAddress } from '../routing/address.ts';
import { Duration, Time } from '../ui/time.tsx';
import type { RolloutDetail, RolloutWave } from './rollout.ts';
import { endedOf, selectionText } from './rollout.ts';
import { StateBar, StateNumbers } from './state-bar.tsx';

/** Where a wave is: what it waits for stands at the rollout. */
type Phase = 'done' | 'open' | 'to come';

function phaseOf({ counts, total, number }: RolloutWave, openWave: number): Phase {
  if (endedOf(counts) === total) return 'done';
  return number <= openWave ? 'open' : 'to come';
}

/** The waves as steps, one below the other; each leads to its targets. */
export function Waves({ rollout }: { readonly rollout: RolloutDetail }): JSX.Element {
  const address = useAddress();
  const chosen = address.get('wave');
  return (
    <ol className="waves" aria-label="Waves">
      {rollout.waves.map((wave) => {
        const phase = phaseOf(wave, rollout.wave);
        const isChosen = chosen === String(wave.number);
        return (
          <li key={wave.number} data-phase={phase} aria-current={phase === 'open' ? 'step' : undefined}>
            <span className="wave-number" aria-hidden="true">
              {wave.number}
            </span>
            <div className="stack wave-about">
              <div className="row">
                <button
                  type="button"
                  className="wave-title"
                  aria-pressed={isChosen}
                  title={isChosen ? 'Show the targets of all waves' : 'Show its targets alone'}
                  onClick={() => address.set({ wave: isChosen ? null : String(wave.number), view: null })}
                >
                  Wave {wave.number}
                </button>
                <span className="muted">{selectionText(wave.selection)}</span>
                <span className="push muted small">
                  <WaveTimes wave={wave} phase={phase} />
                </span>
              </div>
              <StateBar counts={wave.counts} total={wave.total} />
              <StateNumbers counts={wave.counts} />
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function WaveTimes({ wave, phase }: { readonly wave: RolloutWave; readonly phase: Phase }): JSX.Element {
  const { startedAt, finishedAt } = wave;
  if (startedAt === null) return <>{phase === 'to come' ? 'to come' : ''}</>;
  if (finishedAt === null) {
    return (
      <>
        began <Time at={startedAt} />
      </>
    );
  }
  return (
    <>
      took <Duration from={startedAt} to={finishedAt} />
    </>
  );
}
