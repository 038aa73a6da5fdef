/** How Slack carries an answer: to the speaker alone, in time, and to the end. */
import { createHash } from 'node:crypto';
import type { RespondFn } from '@slack/bolt';
import type { Inbound, Reply } from '../../../commands/command.ts';
import { describeError } from '../../observability/describe-error.ts';
import { createAnswers, RECORDED, sayable, sentence } from '../answers.ts';
import type { Card, Line } from '../card.ts';
import { ChatError, type ChatPort } from '../port.ts';
import type { Log } from './log.ts';
import { renderReply, type SlackMessage } from './render.ts';
import { toPlainText } from './spans.ts';

export const FORM_DID_NOT_OPEN: Reply = sentence(
  'Slack opens a form only within three seconds, and it did not open this one. Please try again, or say it ' +
    'in one line: /elevate ROLE DURATION REASON.',
);

interface Listening {
  readonly inbound: Inbound;
  /** Slack's `response_url`; absent on the home page and in forms. */
  readonly respond?: RespondFn;
}

export function createSlackAnswers(options: {
  dispatch: (inbound: Inbound) => Promise<Reply>;
  port: Pick<ChatPort, 'direct' | 'post'>;
  log: Log;
  answerWithinMs: number;
}) {
  const { port, log } = options;

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
    ...createAnswers({ ...options, platform: 'Slack' }),
    tell,
    tellOutcome: (to: Listening, reply: Reply) =>
      tell(to, reply.kind === 'none' ? RECORDED : reply.kind === 'form' ? FORM_DID_NOT_OPEN : sayable(reply)),
  };
}

export function ephemeral(message: SlackMessage) {
  return { response_type: 'ephemeral' as const, ...message };
}

function directCard(reply: Reply, message: SlackMessage): Card {
  if (reply.kind === 'card') return reply.card;
  const line: Line = reply.kind === 'text' ? reply.line : [message.text];
  const body: Card['body'] = [{ kind: 'line', line }];
  return { title: 'Your answer', tone: 'ended', summary: toPlainText(line), body, actions: [], footer: [] };
}
