/**
 * A Slack workspace on this machine: people, channels, forms and home pages in memory, Slack's Web API on
 * 127.0.0.1, and signed requests to the bot. It is strict where Slack is, and knows only what Curfew uses.
 */
import type { Act, ActAnswer, Handle, Snapshot } from '../protocol.ts';
import { type Acting, DONE, type Performed, pathOf, refused } from './acting.ts';
import { createApiServer, type Responded } from './api-server.ts';
import { click } from './click.ts';
import { createConversations } from './conversations.ts';
import { createDeliver, type Delivery, type Schedule } from './deliver.ts';
import { closeModal, findOptions, submit } from './forms.ts';
import { createTimestamps } from './ids.ts';
import type { Json } from './json.ts';
import { createLuck } from './luck.ts';
import { readManifest } from './manifest.ts';
import type { ApiContext } from './method.ts';
import { eventRequest } from './payloads.ts';
import { createPeople, type NewPerson, type Person } from './people.ts';
import { showResponse } from './respond.ts';
import { createResponseUrls } from './response-urls.ts';
import { say } from './say.ts';
import { SlackError } from './slack-error.ts';
import { createTriggers } from './triggers.ts';
import { createViews, modalView } from './views.ts';
import { callMethod } from './web-api.ts';

export interface WorkspaceOptions {
  readonly people: readonly NewPerson[];
  readonly channels: readonly string[];
  readonly botToken: string;
  readonly signingSecret: string;
  /** Real time, which signatures, triggers and message ids go by. */
  readonly now: () => Date;
  /** The app's manifest, parsed from JSON. Throws where it is none. */
  readonly manifest: unknown;
  /** The same seed, the same bad luck on a flaky network. */
  readonly seed?: number;
  readonly schedule?: Schedule;
  /** How long the bot has to answer, and to open a form; as long as in Slack, unless said otherwise. */
  readonly answerWithinMs?: number;
}

interface Faults {
  readonly slackDown: boolean;
  readonly flakyNetwork: boolean;
}

type WorkspaceView = Pick<Snapshot, 'people' | 'conversations' | 'home' | 'modals'>;

const MAX_VIOLATIONS = 200;
/** What goes no further than the person's own screen. */
const LOCAL: readonly Act['do'][] = ['read', 'close-modal'];

export function createWorkspace(options: WorkspaceOptions) {
  const { now } = options;
  const manifest = readManifest(options.manifest);
  const timestamp = createTimestamps(now);
  const luck = createLuck(options.seed ?? 1);
  const people = createPeople(options.people);
  const conversations = createConversations({ people, channels: options.channels, timestamp });
  const views = createViews({ timestamp });
  const triggers = createTriggers({ now, livesMs: options.answerWithinMs });
  const responseUrls = createResponseUrls({ now });
  const listeners = new Set<() => void>();
  const violations: string[] = [];
  let faults: Faults = { slackDown: false, flakyNetwork: false };
  let botUrl: string | null = null;
  let origin = '';

  const changed = () => {
    for (const listener of listeners) listener();
  };
  const note = (violation: string) => {
    if (violations.length < MAX_VIOLATIONS) violations.push(violation);
  };
  const api: ApiContext = {
    people,
    conversations,
    views,
    triggers,
    scopes: manifest.oauth_config.scopes.bot,
    changed,
    note,
  };
  const server = createApiServer({
    botToken: options.botToken,
    luck,
    faults: () => faults,
    call: (method, args) => callMethod(method, args, api),
    respond,
  });
  const deliver = createDeliver({
    botUrl: () => botUrl,
    signingSecret: options.signingSecret,
    now,
    schedule: options.schedule ?? byTimer,
    luck,
    faults: () => faults,
    answerWithinMs: options.answerWithinMs,
  });
  const acting: Acting = {
    people,
    conversations,
    views,
    triggers,
    manifest,
    deliver,
    responseUrl: (occasion) => `${origin}/response/${responseUrls.issue(occasion)}`,
    now,
    changed,
    note,
  };

  function respond(id: string, payload: Json): Responded {
    const occasion = responseUrls.use(id);
    if (typeof occasion === 'string') return { status: 404, code: occasion };
    try {
      showResponse(occasion, payload, acting);
    } catch (error) {
      if (error instanceof SlackError) return { status: 400, code: error.code };
      throw error;
    }
    changed();
    return { status: 200, code: 'ok' };
  }

  /** Null where the app has not subscribed to it. */
  async function event(type: string, fields: Json): Promise<Delivery | null> {
    const { bot_events, request_url } = manifest.settings.event_subscriptions;
    if (!bot_events.includes(type)) return null;
    return deliver.event(eventRequest(pathOf(request_url), { type, ...fields }, now()));
  }

  async function perform(handle: Handle, act: Act): Promise<Performed> {
    const person = people.byHandle(handle);
    if (!person || people.isDeactivated(person)) return refused('This account is not active here.');
    if (faults.slackDown && !LOCAL.includes(act.do))
      return refused('Slack is down: nothing gets through just now.');
    switch (act.do) {
      case 'say':
        return say(person, act, acting);
      case 'click':
        return click(person, act, acting);
      case 'options':
        return findOptions(person, act, acting);
      case 'submit':
        return submit(person, act, acting);
      case 'close-modal':
        return closeModal(person, act.view, acting);
      case 'open-home':
        return openHome(person);
      case 'read':
        return read(person, act.conversation);
      default:
        return refused('This is not done in Slack.');
    }
  }

  /** Nobody is told where the event did not arrive: the page stays as it was. */
  async function openHome(person: Person): Promise<Performed> {
    const channel = conversations.directWith(person)?.id ?? '';
    const delivery = await event('app_home_opened', { user: person.id, channel, tab: 'home' });
    return { answer: DONE, delivery };
  }

  function read(person: Person, id: string): Performed {
    const conversation = conversations.seenBy(person.handle).find((each) => each.id === id);
    if (!conversation) return refused('There is no such conversation.');
    conversations.markRead(person.handle, conversation);
    changed();
    return { answer: DONE, delivery: null };
  }

  return {
    async start(): Promise<{ apiUrl: string }> {
      origin = `http://127.0.0.1:${await server.start()}`;
      return { apiUrl: `${origin}/api/` };
    },
    async stop(): Promise<void> {
      deliver.stop();
      await server.stop();
    },
    /** The bot's address without a path; null: it is down. */
    talkTo(url: string | null): void {
      botUrl = url;
    },
    setFaults(now: Faults): void {
      faults = now;
    },
    async act(handle: Handle, act: Act): Promise<ActAnswer> {
      return (await perform(handle, act)).answer;
    },
    /** As `act`, with what passed between Slack and the bot: for tests. */
    perform,
    event,
    /** Changes what the directory says of somebody, such as `{deleted: true}`, and tells the bot. */
    async changePerson(handle: Handle, over: Json): Promise<void> {
      const person = people.byHandle(handle);
      if (!person) return;
      people.change(person, over);
      await event('user_change', { user: people.userObject(person) });
    },
    view(handle: Handle): WorkspaceView {
      return {
        people: people.all.map((each) => ({
          handle: each.handle,
          id: each.id,
          name: each.name,
          part: each.part,
          unread: conversations
            .seenBy(each.handle)
            .reduce((sum, conversation) => sum + conversations.unreadIn(each.handle, conversation), 0),
        })),
        conversations: conversations
          .seenBy(handle)
          .map((conversation) => conversations.view(handle, conversation)),
        home: views.home(handle)?.blocks ?? null,
        modals: views.modals(handle).map(modalView),
      };
    },
    onChange(listener: () => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    violations: (): readonly string[] => violations,
  };
}

const byTimer: Schedule = (ms, run) => {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
};
