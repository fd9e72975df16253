import type { Experiment } from '../experiment.ts';
import { accepted } from './accepted.ts';
import { audit } from './audit.ts';
import { backends } from './backends.ts';
import { bystanders } from './bystanders.ts';
import { cancels } from './cancels.ts';
import { freezes } from './freezes.ts';
import { fullControlDisk } from './full-control-disk.ts';
import { fullDisk } from './full-disk.ts';
import { halfOpen } from './half-open.ts';
import { history } from './history.ts';
import { idempotency } from './idempotency.ts';
import { kills } from './kills.ts';
import { lostAnswers } from './lost-answers.ts';
import { nonTransactional } from './non-transactional.ts';
import { outages } from './outages.ts';
import { restarts } from './restarts.ts';
import { rollouts } from './rollouts.ts';
import { secrets } from './secrets.ts';
import { wrongDatabase } from './wrong-database.ts';

/** All of them, the first about an invariant being the one of its row; a new one is a file beside this and a line here. */
export const EXPERIMENTS: readonly Experiment[] = [
  kills,
  halfOpen,
  accepted,
  history,
  lostAnswers,
  freezes,
  backends,
  fullDisk,
  nonTransactional,
  idempotency,
  bystanders,
  cancels,
  restarts,
  outages,
  fullControlDisk,
  secrets,
  audit,
  wrongDatabase,
  rollouts,
];
