import { type JSX, useEffect, useMemo, useRef, useState } from 'react';
import { useAct } from '../api/hooks.ts';
import { useAddress } from '../routing/address.ts';
import { useMay } from '../session/session.tsx';
import { Button } from '../ui/button.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { View } from '../ui/view.tsx';
import { BundleFields } from './bundle-fields.tsx';
import type { FormPart } from './form-part.ts';
import { OptionFields } from './option-fields.tsx';
import { PlanOfDeployment, PlanOfRollout } from './plan-view.tsx';
import { requestOf, type StartRequest } from './start-request.ts';
import { settingsOf } from './start-settings.ts';
import { TargetFields } from './target-fields.tsx';
import './start.css';

/** Starts a deployment or a rollout: form, plan, start. */
export function StartView(): JSX.Element {
  const may = useMay();
  if (!may('createDeployment')) {
    return (
      <View title="Deploy">
        <Empty title="This key may not deploy">
          <p>A key with the role deployer may.</p>
        </Empty>
      </View>
    );
  }
  return (
    <View title="Deploy">
      <StartForm />
    </View>
  );
}

/** A dry run, and the form that it was made of. */
interface Planned {
  readonly kind: 'deployment' | 'rollout';
  readonly id: string;
  readonly of: string;
}

function StartForm(): JSX.Element {
  const address = useAddress();
  const settings = useMemo(() => settingsOf(address), [address]);
  const [isTried, setTried] = useState(false);
  const { request, faults } = requestOf(settings);
  const current = JSON.stringify(request);
  const [planned, setPlanned] = useState<Planned | null>(null);
  const part: FormPart = {
    settings,
    faults: isTried ? (faults ?? {}) : {},
    // Each letter is not a step back.
    set: (changes) => address.set(changes, { replace: true }),
  };
  return (
    <div className="start">
      <form
        className="stack start-form"
        aria-label="What is to be deployed"
        onSubmit={(event) => event.preventDefault()}
      >
        <TargetFields {...part} />
        <BundleFields {...part} />
        <OptionFields {...part} />
        <ShowPlan
          request={request}
          isStale={planned !== null && planned.of !== current}
          onTried={() => setTried(true)}
          onPlanned={(kind, id) => setPlanned({ kind, id, of: current })}
        />
      </form>
      {planned !== null && planned.of === current && request !== null && (
        <PlanPanel key={planned.id} {...planned} request={request} />
      )}
    </div>
  );
}

function PlanPanel({ kind, id, request }: Planned & { readonly request: StartRequest }): JSX.Element {
  const panel = useRef<HTMLElement>(null);
  // Below a long form it would come unseen.
  useEffect(() => {
    // Newer browsers answer with a promise, which is no way to undo it.
    panel.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <section className="panel start-plan" aria-label="Plan" ref={panel}>
      {kind === 'deployment' ? (
        <PlanOfDeployment id={id} request={request} />
      ) : (
        <PlanOfRollout id={id} request={request} />
      )}
    </section>
  );
}

function ShowPlan({
  request,
  isStale,
  onTried,
  onPlanned,
}: {
  readonly request: StartRequest | null;
  /** There was a plan, of what the form said then. */
  readonly isStale: boolean;
  readonly onTried: () => void;
  readonly onPlanned: (kind: StartRequest['kind'], id: string) => void;
}): JSX.Element {
  const one = useAct('createDeployment');
  const many = useAct('createRollout');
  const show = async (): Promise<void> => {
    onTried();
    one.reset();
    many.reset();
    if (request === null) return;
    try {
      if (request.kind === 'deployment') {
        const { notBefore: _, ...body } = request.body;
        onPlanned('deployment', (await one.mutateAsync({ body: { ...body, dryRun: true } })).id);
      } else {
        const { notBefore: _, window: __, ...body } = request.body;
        onPlanned('rollout', (await many.mutateAsync({ body: { ...body, dryRun: true } })).id);
      }
    } catch {
      // Shown below.
    }
  };
  const error = one.error ?? many.error;
  return (
    <>
      <div className="row">
        <Button type="submit" kind="primary" disabled={one.isPending || many.isPending} onClick={() => void show()}>
          Show plan
        </Button>
        <span className="muted small">
          {isStale
            ? 'What the plan was of has changed since.'
            : 'A dry run: workers read what is applied on each target. Nothing is changed.'}
        </span>
      </div>
      {error !== null && <ErrorBox error={error} />}
    </>
  );
}
