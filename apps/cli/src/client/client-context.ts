import type { Outcome } from '../outcome.ts';
import type { ServiceEvent } from '../output/reporter.ts';
import type { RunRecord } from '../run-record.ts';
import type { Service } from './service/service.ts';

/** What every command for a service works with. */
export interface ClientContext {
  readonly service: Service;
  readonly json: boolean;
  /** The terminal's width; null where lines are not cut: in pipes and files. */
  readonly columns: number | null;
  readonly now: () => number;
  /** Tells what happens meanwhile. */
  readonly tell: (event: ServiceEvent, record?: RunRecord) => void;
  /** A command of this program for the same service, to be put into a hint: `cancel ID` as it can be typed. */
  readonly commandLine: (words: string) => string;
}

export type ClientCommand<Request> = (request: Request, context: ClientContext) => Promise<Outcome>;
