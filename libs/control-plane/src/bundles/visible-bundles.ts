import type { ControlDatabase } from '../database/control-database.ts';
import { lastDeployment } from '../deployments/last-deployment.ts';
import type { Labels } from '../targets/labels.ts';

/** Whose key asks, and which targets it may see. */
export interface BundleViewer {
  readonly keyId: string;
  /** Empty: all targets, and with them all bundles. */
  readonly labels: Labels;
}

/** How many deployments of a bundle are looked through for a target that the key may see, newest first. */
const MOST_DEPLOYMENTS = 20_000;

/**
 * CTEs and a condition for bundles that a key may see. All of them for a key without labels; else those that were asked
 * for on a target that it may see (a dry run counts: its plan is shown), that a rollout brings which it may see, or that it
 * stored itself. Somebody else's files are not for whoever merely has a key.
 * `IS TRUE` keeps the planner from making a join of it, which would read all of the targets for each deployment.
 * @param digest an SQL expression for the bundle's digest
 * @param labels the placeholder of the key's labels, as JSON
 * @param keyId the placeholder of the key's id
 */
export function visibleBundles(
  digest: string,
  labels: string,
  keyId: string,
): { readonly ctes: string; readonly condition: string } {
  return {
    ctes: `seen_targets AS MATERIALIZED (
       SELECT id, name FROM control_plane.targets WHERE labels @> ${labels}
     ), seen_rollouts AS MATERIALIZED (
       SELECT DISTINCT bundle_digest FROM control_plane.rollouts WHERE common_labels @> ${labels}
     ), standing_bundles AS MATERIALIZED (
       SELECT DISTINCT last.bundle_digest FROM seen_targets t
       CROSS JOIN LATERAL ${lastDeployment('t', 'd.bundle_digest')} last
     )`,
    condition: `(${labels}::jsonb = '{}'
       OR EXISTS (SELECT FROM control_plane.bundle_keys k WHERE k.bundle_digest = ${digest} AND k.key_id = ${keyId})
       OR ${digest} IN (SELECT bundle_digest FROM seen_rollouts)
       OR ${digest} IN (SELECT bundle_digest FROM standing_bundles)
       OR EXISTS (SELECT FROM (
           SELECT d.target_id FROM control_plane.deployments d WHERE d.bundle_digest = ${digest}
           ORDER BY d.created_at DESC, d.seq DESC LIMIT ${MOST_DEPLOYMENTS}) latest
         WHERE (latest.target_id IN (SELECT id FROM seen_targets)) IS TRUE))`,
  };
}

/** Whether a key may see a bundle; false, too, when there is none of that digest. */
export async function maySeeBundle({ pool }: ControlDatabase, digest: string, viewer: BundleViewer): Promise<boolean> {
  const { ctes, condition } = visibleBundles('b.digest', '$2', '$3');
  const { rows } = await pool.query(
    `WITH ${ctes} SELECT FROM control_plane.bundles b WHERE b.digest = $1 AND ${condition}`,
    [digest, JSON.stringify(viewer.labels), viewer.keyId],
  );
  return rows.length > 0;
}

/** Notes that a key brought a bundle, new or not: it has all that is in it, and may see it from now on. */
export async function noteBundleKey({ pool }: ControlDatabase, digest: string, keyId: string): Promise<void> {
  await pool.query(
    'INSERT INTO control_plane.bundle_keys (bundle_digest, key_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [digest, keyId],
  );
}
