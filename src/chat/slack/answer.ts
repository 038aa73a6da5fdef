/**
 * What people are told after they said or pressed something. The rule: answered when it is done or when
 * time is up, whichever comes first; in the latter case with "Not recorded yet, checking", and the
 * outcome follows.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { RespondFn } from '@slack/bolt';
import type { Inbound, Reply } from '../../../commands/command.ts';
import type { Card, Line } from '../card.ts';
import { ChatError, type ChatPort } from '../port.ts';
import { describeError, type Log } from './log.ts';
import { renderReply, type SlackMessage } from './render.ts';
import { toPlainText } from './spans.ts';

export const CHECKING: Reply = text('Not recorded yet, checking. The outcome follows.');
const RECORDED: Reply = text('It is recorded now.');
export const FORM_DID_NOT_OPEN: Reply = text(
  'Slack opens a form only within three seconds, and it did not open this one. Please try again, or say it ' +
    'in one line: /elevate ROLE DURATION REASON.',
);

interface Listening {
  readonly inbound: Inbound;
  /** Slack's `response_url`; absent on the home page and in forms. */
  readonly respond?: RespondFn;
}

export function createAnswers(options: {
  dispatch: (inbound: Inbound) => Promise<Reply>;
  port: Pick<ChatPort, 'direct' | 'post'>;
  log: Log;
  answerWithinMs: number;
}) {
  const { dispatch, port, log } = options;
  const underWay = new Set<Promise<void>>();

  /** Never rejects: what went wrong becomes a sentence with a number that stands in the log too. */
  async function perform(inbound: Inbound): Promise<Reply> {
    try {
      return await dispatch(inbound);
    } catch (error) {
      const errorId = randomBytes(4).toString('hex');
      log.error({ errorId, kind: inbound.kind, ...describeError(error) }, 'An answer to Slack failed.');
      return text(
        `Something went wrong inside Curfew, and this may not be recorded. Please try again; if it stays so, ` +
          `tell your Curfew admins the error number ${errorId}.`,
      );
    }
  }

  /** The reply if it comes in time, else null. */
  async function inTime(work: Promise<Reply>): Promise<Reply | null> {
    let timer: NodeJS.Timeout | undefined;
    const timeIsUp = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, options.answerWithinMs, null);
    });
    try {
      return await Promise.race([work, timeIsUp]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** To the speaker only: where they spoke, and by direct message where that way is closed. */
  async function tell({ inbound, respond }: Listening, reply: Reply): Promise<void> {
    const message = renderReply(reply);
    if (!message) return;
    try {
      if (respond) return void (await respond({ ...ephemeral(message), replace_original: false }));
    } catch (error) {
      log.warn(describeError(error), 'Slack took no answer at its response_url; it goes by direct message.');
    }
    try {
      const marker = `curfew:answer:${createHash('sha256').update(`${inbound.key} ${message.text}`).digest('hex')}`;
      await port.post(await port.direct(inbound.speaker.userId), directCard(reply, message), { marker });
    } catch (error) {
      const code = error instanceof ChatError ? error.code : undefined;
      log.warn({ ...describeError(error), code }, 'An answer could not be delivered.');
    }
  }

  return {
    perform,
    inTime,
    tell,
    /** After "checking", silence would leave the speaker guessing. */
    tellOutcome: (to: Listening, reply: Reply) =>
      tell(to, reply.kind === 'none' ? RECORDED : reply.kind === 'form' ? FORM_DID_NOT_OPEN : sayable(reply)),
    /** Goes on after Slack has its answer; `drain` waits for it. */
    later(work: Promise<void>): void {
      const tracked = work
        .catch((error: unknown) => log.error(describeError(error), 'Work after an answer to Slack failed.'))
        .finally(() => underWay.delete(tracked));
      underWay.add(tracked);
    },
    /** Resolves when all that is done, or after `boundMs`, whichever comes first. */
    async drain(boundMs: number): Promise<void> {
      let timer: NodeJS.Timeout | undefined;
      const bound = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, boundMs);
      });
      await Promise.race([Promise.all(underWay), bound]);
      clearTimeout(timer);
    },
  };
}

export function ephemeral(message: SlackMessage) {
  return { response_type: 'ephemeral' as const, ...message };
}

/** Where there is no form to show them beside, faults are sentences. */
export function sayable(reply: Reply): Reply {
  return reply.kind === 'form-errors' ? text(Object.values(reply.errors).join('\n')) : reply;
}

function text(words: string): Reply {
  return { kind: 'text', line: [words] };
}

function directCard(reply: Reply, message: SlackMessage): Card {
  if (reply.kind === 'card') return reply.card;
  const line: Line = reply.kind === 'text' ? reply.line : [message.text];
  const body: Card['body'] = [{ kind: 'line', line }];
  return { title: 'Your answer', tone: 'ended', summary: toPlainText(line), body, actions: [], footer: [] };
}
