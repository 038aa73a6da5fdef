/**
 * What people are told after they said or pressed something. The rule: answered when it is done or when
 * time is up, whichever comes first; in the latter case with "Not recorded yet, checking", and the
 * outcome follows.
 */
import { randomBytes } from 'node:crypto';
import type { Inbound, Reply } from '../../commands/command.ts';
import { describeError } from '../observability/describe-error.ts';
import type { Log } from '../observability/log.ts';
import { within } from '../within.ts';

export const CHECKING: Reply = sentence('Not recorded yet, checking. The outcome follows.');
/** After "checking", silence would leave the speaker guessing. */
export const RECORDED: Reply = sentence('It is recorded now.');

export function createAnswers(options: {
  /** As people call it. */
  platform: string;
  dispatch: (inbound: Inbound) => Promise<Reply>;
  log: Pick<Log, 'error'>;
  answerWithinMs: number;
}) {
  const { platform, dispatch, log, answerWithinMs } = options;
  const underWay = new Set<Promise<void>>();

  return {
    /** Never rejects: what went wrong becomes a sentence with a number that stands in the log too. */
    async perform(inbound: Inbound): Promise<Reply> {
      try {
        return await dispatch(inbound);
      } catch (error) {
        const errorId = randomBytes(4).toString('hex');
        log.error(
          { errorId, kind: inbound.kind, ...describeError(error) },
          `An answer to ${platform} failed.`,
        );
        return sentence(
          `Something went wrong inside Curfew, and this may not be recorded. Please try again; if it stays so, ` +
            `tell your Curfew admins the error number ${errorId}.`,
        );
      }
    },
    /** What comes in time, else null. */
    inTime: <T>(work: Promise<T>): Promise<T | null> => within(answerWithinMs, work),
    /** Goes on after the platform has its answer; `drain` waits for it. */
    later(work: Promise<void>): void {
      const tracked = work
        .catch((error: unknown) =>
          log.error(describeError(error), `Work after an answer to ${platform} failed.`),
        )
        .finally(() => underWay.delete(tracked));
      underWay.add(tracked);
    },
    /** Resolves when all that is done, or after `boundMs`, whichever comes first. */
    async drain(boundMs: number): Promise<void> {
      await within(boundMs, Promise.all(underWay));
    },
  };
}

/** Where there is no form to show them beside, faults are sentences. */
export function sayable(reply: Reply): Reply {
  return reply.kind === 'form-errors' ? sentence(Object.values(reply.errors).join('\n')) : reply;
}

export function sentence(words: string): Reply {
  return { kind: 'text', line: [words] };
}
