/** How a flow speaks of a town: what people say and press, what they then read, and what is on record. */
import { expect } from 'vitest';
import type { Role } from '../../src/domain/catalog.ts';
import { testRole } from './house.ts';
import { PATIENCE_MS } from './patience.ts';
import type { Delivery, Message, View } from './slack-driver.ts';
import { isRecord } from './slack-web-api.ts';
import type { Handle } from './slack-workspace.ts';
import type { Town } from './town.ts';
import { createRecord } from './town-record.ts';
import { visibleText } from './visible-text.ts';

/** A role of its own for a test that shares its town: `key` is what it gives in the vault. */
export function roleOf(key: string, overrides: Partial<Role> = {}): Role {
  const entitlements = [{ connector: 'vault', permission: { key } }];
  return testRole({ name: key, title: `Role ${key}`, entitlements, ...overrides });
}

/** What somebody reads in the answer to a command or a form: faults beside fields as `field: fault`. */
export function answerText(delivery: Delivery): string {
  if (!isRecord(delivery.answer)) return String(delivery.answer);
  const { response_action: action, errors, view } = delivery.answer;
  if (action === 'errors' && isRecord(errors))
    return Object.entries(errors)
      .map(([field, fault]) => `${field}: ${fault}`)
      .join('\n');
  return visibleText((action === 'update' ? view : delivery.answer) as never);
}

export function createTalk(town: Town) {
  const { slack } = town;

  /** Says words; what the speaker reads in answer, '' where a form opened instead. */
  async function says(who: Handle, words: string): Promise<string> {
    const delivery = await slack.command(who, words);
    expect(delivery.status, words).toBe(200);
    return answerText(delivery);
  }

  /** The form that just opened for somebody. */
  function form(who: Handle): View {
    const view = slack.openViews(who).at(-1);
    if (!view) throw new Error(`no form is open for ${who}`);
    return view;
  }

  async function submits(who: Handle, view: View, values: Record<string, string> = {}): Promise<string> {
    const delivery = await slack.submit(who, view, values);
    expect(delivery.status).toBe(200);
    return answerText(delivery);
  }

  /** Presses a button on a message or the home page; what only they are told then. */
  async function presses(who: Handle, on: Message | View, verb: string, id?: string): Promise<string> {
    const before = slack.ephemerals(who).length;
    const delivery = await slack.click(who, on, verb, id === undefined ? {} : { id });
    expect(delivery.status).toBe(200);
    const shown = await slack.until(() => slack.ephemerals(who)[before], `${who} being told about ${verb}`);
    return visibleText(shown);
  }

  /** Presses a button that opens a form. */
  async function opens(who: Handle, on: Message | View, verb: string, id?: string): Promise<View> {
    const before = slack.openViews(who).length;
    await slack.click(who, on, verb, id === undefined ? {} : { id });
    return slack.until(() => slack.openViews(who)[before], `the form behind ${verb}`);
  }

  /** Asks in words; the id under which it waits. */
  async function asks(who: Handle, role: string, rest = '1h INC-1042 failing over'): Promise<string> {
    const said = await says(who, `${role} ${rest}`);
    const id = /Asked, as (R-\w+)/.exec(said)?.[1];
    if (!id) throw new Error(`not asked: ${said}`);
    return id;
  }

  /** Where a message stands: `#channel` or a person. */
  type Place = `#${string}` | Handle;
  const messagesAt = (place: Place) =>
    place.startsWith('#') ? slack.messages(place) : slack.dms(place as Handle);
  const marker = (message: Message) => message.blocks[0]?.block_id ?? '';

  /** All copies of a request's cards in one place, oldest first. */
  async function cards(id: string, place: Place): Promise<Message[]> {
    return (await messagesAt(place)).filter((message) => marker(message).startsWith(`curfew:${id}:`));
  }

  /** Waits until one of these messages reads so; when it never comes, says what was there instead. */
  async function reads(look: () => Promise<Message[]>, words: RegExp, what: string): Promise<Message> {
    let seen: string[] = [];
    const find = async () => {
      const messages = await look();
      seen = messages.map((message) => visibleText(message));
      return messages.find((message) => words.test(visibleText(message)));
    };
    return slack.until(find, `${what} to read ${words}`, PATIENCE_MS).catch((error: Error) => {
      throw new Error(`${error.message}; there was:\n${seen.slice(-8).join('\n\n')}`);
    });
  }

  /** Waits until one of a request's cards in this place reads so. */
  const card = (id: string, place: Place, words = /./): Promise<Message> =>
    reads(() => cards(id, place), words, `a card of ${id} at ${place}`);

  /** Waits until any message in a channel or to a person reads so. */
  const line = async (place: Place, words: RegExp): Promise<string> =>
    visibleText(await reads(() => messagesAt(place), words, place));

  /** Asks, has an owner approve, and waits until it is live; the id. */
  async function live(who: Handle, role: string, rest?: string, approver: Handle = 'omar'): Promise<string> {
    const id = await asks(who, role, rest);
    expect(await says(approver, `approve ${id}`)).toContain(`Approved ${id}`);
    await card(id, who, /Live until/);
    return id;
  }

  /** The timeline, when one of its lines reads so: what stands in the thread of the card in the channel. */
  async function timeline(id: string, words: RegExp): Promise<string[]> {
    const top = await card(id, '#access-approvals');
    await reads(() => slack.thread(top), words, `the timeline of ${id}`);
    return (await slack.thread(top)).map((message) => visibleText(message));
  }

  return {
    says,
    form,
    submits,
    presses,
    opens,
    asks,
    live,
    cards,
    card,
    line,
    timeline,
    ...createRecord(town),
  };
}

export type Talk = ReturnType<typeof createTalk>;
