import { protectionOver } from '../../protections/protection.ts';

/**
 * Enters a deployment for each target that a rollout has picked, at the end of its target's line, with its event and
 * audit rows: part of the statement that starts targets. Needs `picked` (target_id, target_name, try, place,
 * is_gone, approval) and the parameters $1, the rollout's id, and $5, the bundle's digest, and $7, whether nothing is
 * protected; gives `d`. One on a protected target that has no approval waits for one.
 */
export const ENTER_FOR_ROLLOUT = `d AS (
    INSERT INTO control_plane.deployments (target_id, target_name, mode, bundle_digest, dry_run, priority, status,
      waiting, approval, approved_steps, rollout_id, rollout_try, created_by, key_id, request_id, trace_parent, last_event)
    SELECT p.target_id, p.target_name, r.mode, $5, r.dry_run, r.priority,
      CASE WHEN p.protection IS NULL THEN 'queued' ELSE 'awaiting_approval' END, p.protection,
      p.approval - 'steps', p.approval -> 'steps', r.id, p.try + 1,
      r.created_by, r.key_id, r.request_id, r.trace_parent, 1
    FROM (SELECT picked.*, CASE WHEN picked.approval IS NULL AND NOT $7 THEN ${protectionOver('picked.target_id')} END
        AS protection FROM picked) p, control_plane.rollouts r WHERE r.id = $1 AND NOT p.is_gone ORDER BY p.place
    RETURNING *
  ), event AS (
    INSERT INTO control_plane.events (deployment_id, number, type, data)
    SELECT d.id, 1, d.status, jsonb_strip_nulls(jsonb_build_object('by', d.created_by, 'rollout', d.rollout_id,
      'waitingFor', d.waiting)) FROM d ORDER BY d.seq
  ), audit AS (
    INSERT INTO control_plane.audit_log (actor, key_id, request_id, action, subject_type, subject, detail)
    SELECT d.created_by, d.key_id, d.request_id, 'deployment.create', 'deployment', d.id::text,
      jsonb_build_object('target', d.target_name, 'mode', d.mode, 'bundle', d.bundle_digest, 'dryRun', d.dry_run,
        'rollout', d.rollout_id) FROM d ORDER BY d.seq
  )`;
