import type { Experiment } from '../experiment.ts';
import { accepted } from './accepted.ts';
import { backends } from './backends.ts';
import { freezes } from './freezes.ts';
import { history } from './history.ts';
import { kills } from './kills.ts';

/** All of them; a new one is a file beside this and a line here. */
export const EXPERIMENTS: readonly Experiment[] = [kills, accepted, history, freezes, backends];
