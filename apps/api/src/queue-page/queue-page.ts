import type { RequestHandler } from 'express';
import type { QueuePagePasses } from './queue-page-passes.ts';

/** The queue's own page, where it is on. */
export interface QueuePage {
  readonly passes: QueuePagePasses;
  /** Answers what is asked below its path; it knows nothing of keys. */
  readonly board: RequestHandler;
}
