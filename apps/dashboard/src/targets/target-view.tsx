import { type JSX, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import type { Answer } from '../api/client.ts';
import { useAct, useAsk } from '../api/hooks.ts';
import { BundleSelect } from '../bundles/bundle-select.tsx';
import { usualBundle } from '../bundles/usual-bundle.ts';
import { useAddress } from '../routing/address.ts';
import { useHasView } from '../routing/known-views.tsx';
import { useMay } from '../session/session.tsx';
import { Labels } from '../ui/badge.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { ConfirmDialog } from '../ui/dialog.tsx';
import { ErrorBox } from '../ui/error-box.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { useToast } from '../ui/toast.tsx';
import { View } from '../ui/view.tsx';
import { FreezeNotes } from './freeze-notes.tsx';
import { LedgerTable } from './ledger-table.tsx';
import { Pending } from './pending.tsx';
import { TargetDialog } from './target-dialog.tsx';
import { TargetFacts } from './target-facts.tsx';
import { TargetHistory } from './target-history.tsx';
import './targets.css';

type Target = Answer<'getTarget'>;

/** One target: what it is, what is applied there, what it lacks of a bundle, what was done to it. */
export function TargetView(): JSX.Element {
  const { name = '' } = useParams();
  const address = useAddress();
  const { data: stored } = useAsk('listBundles', { query: { limit: 100 } });
  const bundle = address.get('bundle') || (usualBundle(stored?.items ?? []) ?? '');
  const { data, error, refetch } = useAsk(
    'getTarget',
    { params: { name }, query: bundle === '' ? {} : { bundle } },
    { enabled: address.get('bundle') !== '' || stored !== undefined },
  );
  return (
    <View title={name} {...(data === undefined ? {} : { actions: <Actions target={data} bundle={bundle} /> })}>
      {error !== null && <ErrorBox error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <Skeleton height="24rem" />
      ) : (
        <>
          <FreezeNotes labels={data.labels} />
          <section className="panel" aria-label="Facts">
            <div className="body stack">
              <TargetFacts target={data} />
              <Labels labels={data.labels} />
            </div>
          </section>
          <Parts
            target={data}
            select={
              <BundleSelect
                value={bundle}
                bundles={stored?.items ?? []}
                onChange={(digest) => address.set({ bundle: digest })}
              />
            }
          />
        </>
      )}
    </View>
  );
}

function Parts({ target, select }: { readonly target: Target; readonly select: JSX.Element }): JSX.Element {
  const address = useAddress();
  const tab = address.get('tab') || 'pending';
  const { comparison, files } = target;
  const pending = comparison === null ? '' : ` (${comparison.pending.length})`;
  const tabs = [
    { id: 'pending', title: `Pending${pending}` },
    { id: 'ledger', title: `Applied (${files?.length ?? 0})` },
    { id: 'history', title: 'History' },
  ];
  return (
    <Tabs label="Parts of the target" tabs={tabs} chosen={tab} onChoose={(id) => address.set({ tab: id })}>
      {tab === 'ledger' ? (
        <LedgerTable files={files} />
      ) : tab === 'history' ? (
        <TargetHistory name={target.name} />
      ) : (
        <>
          <label className="row">
            <span className="muted">Against the bundle</span>
            {select}
          </label>
          <Pending target={target} />
        </>
      )}
    </Tabs>
  );
}

function Actions({ target, bundle }: { readonly target: Target; readonly bundle: string }): JSX.Element {
  const may = useMay();
  const canStart = useHasView('/start') && may('createDeployment');
  const [asking, setAsking] = useState<'change' | 'remove' | null>(null);
  const close = (): void => setAsking(null);
  return (
    <>
      {may('removeTarget') && (
        <Button kind="danger" onClick={() => setAsking('remove')}>
          Remove…
        </Button>
      )}
      {may('putTarget') && <Button onClick={() => setAsking('change')}>Change…</Button>}
      {canStart && (
        <ButtonLink
          kind="primary"
          to={`/start?${new URLSearchParams({ target: target.name, ...(bundle === '' ? {} : { bundle }) })}`}
        >
          Deploy…
        </ButtonLink>
      )}
      {asking === 'change' && <TargetDialog target={target} onClose={close} />}
      {asking === 'remove' && <RemoveDialog name={target.name} onClose={close} />}
    </>
  );
}

function RemoveDialog({ name, onClose }: { readonly name: string; readonly onClose: () => void }): JSX.Element {
  const toast = useToast();
  const [, navigate] = useLocation();
  const remove = useAct('removeTarget');
  return (
    <ConfirmDialog
      title={`Remove ${name}?`}
      confirmLabel={`Remove ${name}`}
      kind="danger"
      onClose={onClose}
      onConfirm={async () => {
        await remove.mutateAsync({ params: { name } });
        toast(`${name} is removed; its database was not touched.`);
        navigate('/targets');
      }}
    >
      <p>
        Its DSN is erased and its name is free again. Its history stays. The database itself is not touched: nothing is
        dropped there, and its ledger stays.
      </p>
    </ConfirmDialog>
  );
}
