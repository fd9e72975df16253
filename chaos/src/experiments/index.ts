import type { Experiment } from '../experiment.ts';
import { kills } from './kills.ts';

/** All of them; a new one is a file beside this and a line here. */
export const EXPERIMENTS: readonly Experiment[] = [kills];
