import type { Message } from './messages.ts';
import type { Judge, Verdict } from './proxy.ts';

/** A named moment in what a process says to a database, or hears from it. */
export interface Failpoint {
  /** The deployment it is about, where the message tells. */
  readonly deploymentId: string | null;
}

/** What happens there; the verdict tells how much of the message still gets through. */
export type AtFailpoint = (hit: Failpoint) => Verdict;

/**
 * A moment between two states. `sent`: as the client sends what has the text in it; `answered`: as the server has
 * carried it out and says so, before the client hears it.
 */
export interface Moment {
  readonly text: string;
  readonly when: 'sent' | 'answered';
  /** Which of the answers to a text of several statements. */
  readonly answer?: string;
}

/** Between worker and control database. */
export const WORKER_MOMENTS = {
  'before the claim': { text: 'claim-deployment', when: 'sent' },
  'after the claim': { text: 'claim-deployment', when: 'answered' },
  'before progress is written': { text: 'record-progress', when: 'sent' },
  'between the target’s commit and the control write': { text: 'finish-deployment', when: 'sent' },
  'after the control write, before ringing the next': { text: 'finish-deployment', when: 'answered' },
} as const satisfies Record<string, Moment>;

/** Between worker and control database: it is written, and the worker does not know it yet. */
export const WRITTEN_MOMENTS = {
  'progress is written': { text: 'record-progress', when: 'answered' },
  'the end is written': { text: 'finish-deployment', when: 'answered' },
  'the hand-back is written': { text: 'hand-back-deployment', when: 'answered' },
} as const satisfies Record<string, Moment>;

/** Between whoever moves a rollout and control database: within the transaction that holds the rollout's row. */
export const ROLLOUT_MOMENTS = {
  'as it has noted what has ended': { text: 'note-finished', when: 'answered' },
  'as it has started targets': { text: 'start-targets', when: 'answered' },
  'before a move is written': { text: 'write-rollout', when: 'sent' },
  'after a move is written, before its commit': { text: 'write-rollout', when: 'answered' },
} as const satisfies Record<string, Moment>;

/** Between worker and target. */
export const TARGET_MOMENTS = {
  'before the first statement': { text: 'chaos.marks', when: 'sent' },
  'as the target has committed': { text: 'chaos.marks', when: 'answered', answer: 'COMMIT' },
} as const satisfies Record<string, Moment>;

/** Between API and control database. */
export const API_MOMENTS = {
  'before the commit': { text: 'enter-deployment', when: 'answered' },
  'between commit and ring': { text: 'COMMIT', when: 'answered' },
} as const satisfies Record<string, Moment>;

const UUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/;

/** Where failpoints of one process are armed: its proxy asks here about each message. */
export class Failpoints {
  #armed: { readonly moment: Moment; readonly act: AtFailpoint } | null = null;

  /** For the next time that moment comes; takes the place of what was armed before. */
  arm(moment: Moment, act: AtFailpoint): void {
    this.#armed = { moment, act };
  }

  disarm(): void {
    this.#armed = null;
  }

  get isArmed(): boolean {
    return this.#armed !== null;
  }

  /** For a new connection. */
  readonly judge = (): Judge => {
    let asked: { readonly text: string; readonly deploymentId: string | null } | null = null;
    return (message) => {
      const armed = this.#armed;
      if (asks(message)) {
        asked = null;
        if (armed !== null && message.text.includes(armed.moment.text)) {
          asked = { text: armed.moment.text, deploymentId: UUID.exec(message.text)?.[0] ?? null };
          if (armed.moment.when === 'sent' && message.type !== 'P') return this.#hit(armed.act, asked.deploymentId);
        }
        return 'pass';
      }
      if (armed === null || asked === null || armed.moment.when !== 'answered') return 'pass';
      if (message.from !== 'server' || message.type !== 'C' || asked.text !== armed.moment.text) return 'pass';
      if (!message.text.includes(armed.moment.answer ?? '')) return 'pass';
      const { deploymentId } = asked;
      asked = null;
      return this.#hit(armed.act, deploymentId);
    };
  };

  /** Once; an act that wants to be asked again arms it again. */
  #hit(act: AtFailpoint, deploymentId: string | null): Verdict {
    this.#armed = null;
    return act({ deploymentId });
  }
}

/** A text, the making of a prepared statement, or its call. */
function asks({ from, type }: Message): boolean {
  return from === 'client' && (type === 'Q' || type === 'P' || type === 'B');
}
