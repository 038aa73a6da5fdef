/**
 * Where an answer goes that is a message. It is for the speaker alone, and Teams has no message in a channel
 * or group that only one person sees: so it goes to their own chat.
 */
import { setTimeout } from 'node:timers/promises';
import type { Reply } from '../../../commands/command.ts';
import { describeError } from '../../observability/describe-error.ts';
import type { Log } from '../../observability/log.ts';
import { RECORDED, sentence } from '../answers.ts';
import { ChatError } from '../port.ts';
import type { AddressBook } from './address-book.ts';
import type { TeamsPort } from './client.ts';
import { isShut, wasAnswered } from './errors.ts';
import type { Place, Sender } from './parse.ts';
import { type Message, type Reading, replyMessage } from './reply.ts';

export interface Listening {
  readonly place: Place;
  readonly sender: Sender;
}

/** The longest that an answer is tried for; what is late by more helps nobody. */
const PATIENCE_S = 60;

const ADD_CURFEW = sentence(
  'Add Curfew in Teams (Apps → Curfew → Add), then say it again: this answer is only for you.',
);
const SAY_AGAIN = sentence('Teams did not take my answer to you. Please say it again.');

function answeredPrivately({ sender: { speaker, name } }: Listening): Reply {
  const person = { platform: 'teams', userId: speaker.userId, name };
  return { kind: 'text', line: ['I answered you privately, ', { person }, '.'] };
}

export function createTell(options: {
  port: Pick<TeamsPort, 'direct' | 'answer'>;
  book: Pick<AddressBook, 'serviceUrlOf'>;
  reading: Pick<Reading, 'dialogs' | 'listRoles'>;
  log: Pick<Log, 'warn'>;
  /** Real milliseconds. */
  wait?: (ms: number) => Promise<unknown>;
}) {
  const { port, book, log, wait = (ms: number) => setTimeout(ms, undefined, { ref: false }) } = options;

  /** Teams wants a pause, or had a moment of trouble: what was done is done, and the speaker has to hear of it. */
  async function persistently(send: () => Promise<void>): Promise<void> {
    for (let [tries, waitedS] = [0, 0]; ; tries += 1) {
      try {
        return await send();
      } catch (error) {
        const again = error instanceof ChatError && isWorthAnotherTry(error);
        // Longer each time: some of these may have been taken, and nobody wants to read it sixty times.
        const pauseS = again ? Math.max(2 ** tries, error.retryAfterS) : 0;
        waitedS += pauseS;
        if (!again || waitedS > PATIENCE_S) throw error;
        await wait(pauseS * 1000);
      }
    }
  }

  /**
   * Never rejects: what cannot be delivered is logged. `announced` false: nothing is said in public about an
   * answer in private, for nothing was said there or more is to come.
   */
  async function tell(to: Listening, reply: Reply, { announced }: { announced: boolean }): Promise<void> {
    const message = render(to, reply);
    if (!message) return;
    try {
      if (to.place.type === 'personal') return await here(to, message);
      const went = await privately(to, message);
      if (went === 'failed') return await sayHere(to, SAY_AGAIN);
      // A sentence or a form may be read by all; a card may say who holds what.
      if (went === 'unreachable') return await sayHere(to, reply.kind === 'card' ? ADD_CURFEW : reply);
      if (announced) await sayHere(to, answeredPrivately(to));
    } catch (error) {
      log.warn(describeError(error), 'An answer could not be delivered.');
    }
  }

  function render({ sender }: Listening, reply: Reply): Message | null {
    return replyMessage(reply, { ...options.reading, sender });
  }

  function here({ place }: Listening, { card, summary }: Message): Promise<void> {
    const { conversation, serviceUrl, message } = place;
    const replyTo = message !== null && place.type !== 'personal' ? { replyTo: message } : {};
    return persistently(() => port.answer({ conversation, serviceUrl, ...replyTo }, card, summary));
  }

  async function sayHere(to: Listening, reply: Reply): Promise<void> {
    // A message extension is used in chats of others too.
    const message = to.place.botIsThere ? render(to, reply) : null;
    if (message) await here(to, message);
  }

  /** `unreachable`: they have no chat with Curfew, or blocked it. */
  async function privately(
    { place, sender }: Listening,
    { card, summary }: Message,
  ): Promise<'told' | 'unreachable' | 'failed'> {
    try {
      await persistently(async () => {
        const conversation = await port.direct(sender.speaker.userId);
        const known = await book.serviceUrlOf(conversation).catch(() => null);
        await port.answer({ conversation, serviceUrl: known ?? place.serviceUrl }, card, summary);
      });
      return 'told';
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      log.warn({ code: error.code, kind: error.kind }, 'An answer could not go to a personal chat.');
      return error.kind === 'unreachable' || isShut(error) ? 'unreachable' : 'failed';
    }
  }

  return {
    tell,
    /** After "checking", silence would leave the speaker guessing. */
    tellOutcome: (to: Listening, reply: Reply, how: { announced: boolean }) =>
      tell(to, reply.kind === 'none' ? RECORDED : reply, how),
  };
}

/** Rather said twice than not at all; but where the connection was lost after it was sent, it mostly arrived. */
function isWorthAnotherTry(error: ChatError): boolean {
  return error.kind === 'retry' && (error.outcomeKnown || wasAnswered(error));
}
