/** What a state means at a glance. Each tone has its colours in styles/tokens.css. */
export type Tone = 'ok' | 'wait' | 'bad' | 'odd' | 'run' | 'idle';
/** The shape beside the colour: no two meanings share one. */
export type Glyph =
  | 'check'
  | 'cross'
  | 'down'
  | 'diamond'
  | 'turning'
  | 'dashed'
  | 'dot'
  | 'clock'
  | 'pause'
  | 'slash'
  | 'attention'
  | 'skip'
  | 'plus'
  | 'minus';

export interface StatusLook {
  readonly tone: Tone;
  readonly glyph: Glyph;
  /** For people. */
  readonly label: string;
}

const look = (tone: Tone, glyph: Glyph, label: string): StatusLook => ({ tone, glyph, label });

const LOOKS: Readonly<Record<string, StatusLook>> = {
  // Targets in the fleet.
  current: look('ok', 'check', 'current'),
  behind: look('wait', 'down', 'behind'),
  changed: look('odd', 'diamond', 'changed'),
  moving: look('run', 'turning', 'moving'),
  never_seen: look('idle', 'dashed', 'never seen'),
  seen: look('idle', 'dot', 'seen'),
  // Deployments.
  scheduled: look('idle', 'clock', 'scheduled'),
  queued: look('idle', 'clock', 'queued'),
  running: look('run', 'turning', 'running'),
  cancelling: look('wait', 'turning', 'cancelling'),
  succeeded: look('ok', 'check', 'succeeded'),
  failed: look('bad', 'cross', 'failed'),
  cancelled: look('idle', 'slash', 'cancelled'),
  needs_attention: look('bad', 'attention', 'needs attention'),
  // Steps and files.
  planned: look('idle', 'dashed', 'planned'),
  applied: look('ok', 'check', 'applied'),
  not_started: look('idle', 'dashed', 'not started'),
  pending: look('wait', 'down', 'pending'),
  missing: look('odd', 'diamond', 'not in the bundle'),
  // Bundles, and files of two of them.
  valid: look('ok', 'check', 'no problems'),
  file_added: look('ok', 'plus', 'added'),
  file_removed: look('bad', 'minus', 'removed'),
  file_changed: look('odd', 'diamond', 'changed'),
  // Rollouts, and targets in one.
  awaiting_approval: look('wait', 'clock', 'awaiting approval'),
  pausing: look('wait', 'pause', 'pausing'),
  paused: look('wait', 'pause', 'paused'),
  stopping: look('bad', 'pause', 'stopping'),
  stopped: look('bad', 'pause', 'stopped'),
  started: look('run', 'turning', 'started'),
  skipped: look('idle', 'skip', 'skipped'),
  // Attempts.
  waiting: look('wait', 'clock', 'waiting'),
  retry: look('wait', 'clock', 'to be tried again'),
  handed_back: look('idle', 'clock', 'handed back'),
  lost: look('bad', 'attention', 'lost'),
  // Workers.
  alive: look('ok', 'check', 'alive'),
  silent: look('bad', 'attention', 'silent'),
};

/** How a state of the API is shown; one that this page does not know yet is shown by its name. */
export function statusLook(status: string): StatusLook {
  return LOOKS[status] ?? look('idle', 'dot', status.replaceAll('_', ' '));
}
