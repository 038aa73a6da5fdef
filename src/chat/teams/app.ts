/** Teams' requests: verified → parse → dispatch → answer, in the HTTP answer or by a message. */
import type { Inbound, ListRoles, Reply, Speaker } from '../../../commands/command.ts';
import type { TeamsSettings } from '../../config/environment.ts';
import { describeError } from '../../observability/describe-error.ts';
import type { Log } from '../../observability/log.ts';
import { CHECKING, createAnswers, sentence } from '../answers.ts';
import type { Card, Home, Line } from '../card.ts';
import { createAcquaintance } from './acquaintance.ts';
import type { Connect } from './adapter.ts';
import type { AddressBook } from './address-book.ts';
import { createTell, type Listening } from './answer.ts';
import type { TeamsPort } from './client.ts';
import { createTurnRunner } from './handler.ts';
import { asNamed, type Household } from './household.ts';
import { createListener, type HttpAnswer, type Listener } from './listener.ts';
import { type Parsed, parseActivity, type Way } from './parse.ts';
import { renderHome, renderLine, toPlainText } from './render.ts';
import {
  addressOf,
  cardOf,
  cardStays,
  dialogAnswer,
  executeAnswer,
  executeCard,
  executeFault,
  formOnceMore,
  outdated,
  type Reading,
  rolesAnswer,
  wordsAnswer,
} from './reply.ts';
import { createVerify } from './verify.ts';
import { FORM_VERBS } from './wire.ts';

const DRAIN_WITHIN_MS = 10_000;
const MAX_MENTIONED = 5;

export interface TeamsAppOptions {
  readonly settings: TeamsSettings;
  /** Whom the configuration names, of whatever tenant. */
  readonly named: Household['named'];
  readonly dispatch: (inbound: Inbound) => Promise<Reply>;
  readonly listRoles: ListRoles;
  /** A request's card as this person may see it; null: there is none, or it is not theirs to see. */
  readonly look: (speaker: Speaker, requestId: string) => Promise<Card | null>;
  readonly home: (speaker: Speaker) => Promise<Home>;
  /** Somebody added Curfew for themselves: now they can be written to. */
  readonly arrived: (speaker: Speaker) => Promise<void>;
  readonly port: Pick<TeamsPort, 'direct' | 'answer'>;
  readonly connect: Connect;
  readonly book: AddressBook;
  readonly log: Log;
  readonly answerWithinMs?: number;
  /** Real milliseconds, before an answer is tried again. */
  readonly wait?: (ms: number) => Promise<unknown>;
  /** The longest that the keys which Teams signs with are waited for. */
  readonly metadataWithinMs?: number;
}

export interface TeamsApp {
  /** For `POST /api/messages`. */
  readonly listener: Listener;
  /** What is under way is finished, or given up after 10 s. */
  stop(): Promise<void>;
}

type Of<K extends Parsed['kind']> = Extract<Parsed, { kind: K }>;

const OK: HttpAnswer = { status: 200 };
const STAYS: HttpAnswer = { status: 200, body: cardStays() };
const NOT_SEEN = sentence('Curfew has no such request, or it is not one that you can see.');
const NOT_SHOWN = sentence('This could not be shown just now: press again in a moment.');
const NOBODY: Line = [
  'Teams does not say who you are, so Curfew cannot tell what you may do. Ask from your account at work.',
];
const WELCOME: Line = [
  'Hello, this is Curfew: powerful access for a short time, which ends by itself. Say what you need, for how ',
  'long and why, or ',
  { code: 'help' },
  '.',
];
const GREETING: Line = [
  'Curfew is here: powerful access for a short time, which ends by itself. Mention it and say what you need, or ',
  { code: 'help' },
  '.',
];

export function createTeamsApp(options: TeamsAppOptions): TeamsApp {
  const { settings, dispatch, listRoles, port, book, log, answerWithinMs = 2500 } = options;
  const { dialogs, credentials } = settings;
  const household: Household = { tenants: [settings.tenantId], named: options.named };
  const acquaintance = createAcquaintance({ book, household, log });
  const answers = createAnswers({ platform: 'Teams', dispatch, log, answerWithinMs });
  const { tell, tellOutcome } = createTell({
    port,
    book,
    reading: { dialogs, listRoles },
    log,
    ...(options.wait && { wait: options.wait }),
  });
  const reading = ({ sender }: Listening): Reading => ({ sender, dialogs, listRoles });

  async function handle(activity: unknown): Promise<HttpAnswer> {
    const parsed = asNamed(parseActivity(activity), household);
    switch (parsed.kind) {
      case 'inbound':
        return inbound(parsed);
      case 'look':
        return lookAt(parsed);
      case 'outdated':
        if (parsed.automatic) return STAYS;
        return answer(parsed, parsed.way, Promise.resolve(outdated(parsed.about)));
      case 'role-query':
        return { status: 200, body: rolesAnswer(roles(parsed)) };
      case 'installed':
        return installed(parsed);
      case 'uninstalled':
        answers.later(acquaintance.leave(parsed));
        return OK;
      case 'nobody':
        return nobody(parsed);
      case 'ignored':
        return OK;
      case 'unknown-invoke':
        // https://learn.microsoft.com/azure/bot-service/bot-activity-handler-concept
        return { status: 501 };
      case 'malformed':
        log.warn({ at: parsed.why }, 'Refused a malformed request from Teams.');
        return isExecute(activity)
          ? { status: 200, body: executeFault('Curfew does not understand this button.') }
          : { status: 400 };
    }
  }

  /** Who speaks is kept first, for who they are is looked up where they were met; a form waits for nothing. */
  async function perform(parsed: Of<'inbound'>): Promise<Reply> {
    const met = acquaintance.meet(parsed);
    if (opensForm(parsed.inbound)) answers.later(met);
    else await met;
    const reply = await answers.perform(await withPeople(parsed.inbound));
    return formOnceMore(parsed.inbound, reply, listRoles);
  }

  async function inbound(parsed: Of<'inbound'>): Promise<HttpAnswer> {
    const pressed = parsed.inbound;
    const on = parsed.on ?? (pressed.kind === 'form' ? pressed.about : null);
    const work = perform(parsed);
    if (parsed.way !== 'card') return answer(parsed, parsed.way, work);
    return answer(parsed, parsed.way, work, async (reply) => {
      if (reply.kind !== 'text' && reply.kind !== 'none') return executeAnswer(reply, reading(parsed));
      const line = reply.kind === 'text' ? reply.line : undefined;
      const now = on === null ? null : await answers.inTime(look(parsed, on));
      if (now?.kind === 'card' && on !== null) return ownView(parsed, now.card, on, line);
      // The form would stay, and could be sent again.
      if (pressed.kind === 'form') {
        return executeCard(renderLine(line ?? ['Done.'], { addressOf: addressOf(parsed.sender) }));
      }
      return executeAnswer(reply, reading(parsed));
    });
  }

  /** It records nothing, so no outcome is owed; and who only has a card in view has asked for no message. */
  async function lookAt(parsed: Of<'look'>): Promise<HttpAnswer> {
    const { way, about } = parsed;
    const work = acquaintance.meet(parsed).then(() => look(parsed, about));
    const found = (await answers.inTime(work)) ?? NOT_SHOWN;
    if (parsed.automatic && found.kind !== 'card') return STAYS;
    return answer(parsed, way, Promise.resolve(found), async (reply) =>
      reply.kind === 'card' ? ownView(parsed, reply.card, about) : executeAnswer(reply, reading(parsed)),
    );
  }

  function ownView(from: Listening, card: Card, about: string, note?: Line): object {
    return executeCard(cardOf(card, reading(from), { about, ...(note && { note }) }));
  }

  /** In time, or "checking" now and the outcome by a message. */
  async function answer(
    from: Listening,
    way: Way,
    work: Promise<Reply>,
    inCard = async (reply: Reply): Promise<object> => executeAnswer(reply, reading(from)),
  ): Promise<HttpAnswer> {
    const reply = await answers.inTime(work);
    if (way === 'message') {
      const told = reply
        ? tell(from, reply, { announced: true })
        : tell(from, CHECKING, { announced: false }).then(async () =>
            tellOutcome(from, await work, { announced: true }),
          );
      answers.later(told);
      return OK;
    }
    if (!reply) answers.later(work.then((late) => tellOutcome(from, late, { announced: false })));
    if (way === 'dialog') return { status: 200, body: dialogAnswer(reply ?? CHECKING, reading(from)) };
    return { status: 200, body: reply ? await inCard(reply) : executeAnswer(CHECKING, reading(from)) };
  }

  /** A request's card, or why there is none. Never rejects. */
  async function look({ sender }: Listening, requestId: string): Promise<Reply> {
    try {
      const card = await options.look(sender.speaker, requestId);
      return card ? { kind: 'card', card } : NOT_SEEN;
    } catch (error) {
      log.error(describeError(error), 'A card could not be shown.');
      return NOT_SHOWN;
    }
  }

  /** Teams' addresses of people who were mentioned, as the ids that the ledger knows them by. */
  async function withPeople(said: Inbound): Promise<Inbound> {
    if (said.kind !== 'words') return said;
    let { text } = said;
    const mentioned = [...text.matchAll(/<@(29:[^|<>\s]+)/g)].slice(0, MAX_MENTIONED);
    for (const [mention, address = ''] of mentioned) {
      const person = await book.personAt(address).catch(() => null);
      if (person?.tenant !== said.speaker.workspace) continue;
      text = text.replace(mention, `<@${person.userId}`);
    }
    return { ...said, text };
  }

  function roles({ sender, typed }: Of<'role-query'>) {
    try {
      return listRoles(sender.speaker, typed);
    } catch (error) {
      log.error(describeError(error), 'Roles could not be listed.');
      return [];
    }
  }

  /** Taken only once it is kept: nothing else tells where Curfew can speak first. */
  async function installed(parsed: Of<'installed'>): Promise<HttpAnswer> {
    const arrived = acquaintance.arrive(parsed);
    answers.later(
      arrived.then(async (isKept) => {
        if (isKept && acquaintance.isNew(parsed.place)) await greet(parsed);
      }),
    );
    return (await answers.inTime(arrived)) ? OK : { status: 503 };
  }

  async function greet({ place, sender }: Of<'installed'>): Promise<void> {
    const { conversation, serviceUrl, type } = place;
    const own = type === 'personal' && sender ? { place, sender } : null;
    if (own) {
      await options
        .arrived(own.sender.speaker)
        .catch((error: unknown) => log.error(describeError(error), 'An arrival was not followed up.'));
    }
    const card = own ? await homeCard(own) : renderLine(GREETING, { addressOf: () => null });
    await port.answer({ conversation, serviceUrl }, card, 'Curfew is here.');
  }

  async function homeCard({ sender }: Listening) {
    const addressed = { addressOf: addressOf(sender) };
    try {
      return renderHome(await options.home(sender.speaker), { ...addressed, dialogs, note: WELCOME });
    } catch (error) {
      log.error(describeError(error), 'The home card could not be shown.');
      return renderLine(WELCOME, addressed);
    }
  }

  function nobody({ way, place }: Of<'nobody'>): HttpAnswer {
    if (way !== 'message') return { status: 200, body: wordsAnswer(way, NOBODY) };
    const { conversation, serviceUrl } = place;
    const card = renderLine(NOBODY, { addressOf: () => null });
    answers.later(port.answer({ conversation, serviceUrl }, card, toPlainText(NOBODY)));
    return OK;
  }

  const { metadataWithinMs } = options;
  const verify =
    credentials && createVerify({ credentials, log, ...(metadataWithinMs ? { metadataWithinMs } : {}) });
  const turn = createTurnRunner({ appId: credentials?.appId ?? '', connect: options.connect, handle });
  return {
    listener: createListener({ verify, handle: turn, log }),
    stop: () => answers.drain(DRAIN_WITHIN_MS),
  };
}

function opensForm(inbound: Inbound): boolean {
  if (inbound.kind === 'words') return inbound.text === '';
  return inbound.kind === 'action' && FORM_VERBS.includes(inbound.verb);
}

function isExecute(activity: unknown): boolean {
  return (
    typeof activity === 'object' &&
    activity !== null &&
    'name' in activity &&
    activity.name === 'adaptiveCard/action'
  );
}
