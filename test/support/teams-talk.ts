/**
 * How a flow speaks of Teams: what people say and press, what they then read. A card is seen as its reader's
 * client shows it: who is listed for a refresh gets a view of their own, and a confirmation is asked first.
 */
import { expect } from 'vitest';
import { buttonsOf, type Json, nodesOf } from './adaptive-cards.ts';
import { PATIENCE_MS } from './patience.ts';
import {
  cardsIn,
  type TeamsDelivery,
  type TeamsHandle,
  type TeamsMessage,
  type TeamsPlace,
  teamsText,
} from './teams-town.ts';
import type { TeamsTown } from './town.ts';
import { createRecord } from './town-record.ts';

/** A message as one person sees it. */
export interface Seen {
  readonly place: TeamsPlace;
  readonly message: TeamsMessage | null;
  readonly card: Json;
  readonly text: string;
}

/** What somebody reads after they pressed or sent something; `form` where that opened one, or kept it open. */
export interface Told {
  readonly text: string;
  /** What stands in the card's place for them now. */
  readonly card: Json | null;
  readonly form: TeamsForm | null;
  readonly delivery: TeamsDelivery;
}

export interface TeamsForm {
  readonly card: Json;
  readonly how: 'dialog' | 'card';
  readonly on: Pick<Seen, 'place' | 'message'>;
}

export function createTeamsTalk(town: TeamsTown) {
  const { teams } = town;
  const { until } = teams;

  /** Says words; what the speaker reads in their own chat, a form's text where one came. */
  async function says(who: TeamsHandle, words: string, place: TeamsPlace = who): Promise<string> {
    return (await asksFor(who, words, place)).text;
  }

  async function asksFor(who: TeamsHandle, words: string, place: TeamsPlace = who): Promise<TeamsMessage> {
    const before = teams.answers(who).length;
    expect((await teams.say(who, words, place)).status, words).toBe(200);
    return until(() => teams.answers(who)[before], `an answer to ${who}: ${words}`, PATIENCE_MS);
  }

  /** An answer that came as a message: a form, where there is something to fill in. */
  function asTold(message: TeamsMessage, place: TeamsPlace): Pick<Told, 'text' | 'form'> {
    const { card, text } = message;
    const form = { card, how: 'card', on: { place, message } } as const;
    return { text, form: inputsOf(card).length > 0 ? form : null };
  }

  /** Says words that are not enough; the form that comes as a card of the chat. */
  async function getsForm(who: TeamsHandle, words: string): Promise<TeamsForm> {
    const { form, text } = asTold(await asksFor(who, words), who);
    if (!form) throw new Error(`no form, but: ${text}`);
    return form;
  }

  /** A message as somebody sees it. */
  async function seenBy(who: TeamsHandle, message: TeamsMessage, place: TeamsPlace): Promise<Seen> {
    const refresh = message.card.refresh as { action: Json; userIds: string[] } | undefined;
    const base = { place, message, card: message.card, text: message.text };
    if (!refresh?.userIds.includes(teams.addressOf(who))) return base;
    const told = await execute(who, base, refresh.action, 'automatic');
    return told.card ? { ...base, card: told.card, text: told.text } : base;
  }

  async function execute(
    who: TeamsHandle,
    on: Pick<Seen, 'place' | 'message'>,
    action: Json,
    trigger: 'manual' | 'automatic' = 'manual',
    inputs: object = {},
  ): Promise<Told> {
    const { type, title, verb, data } = action;
    const value = { action: { type, title, verb, data: { ...(data as object), ...inputs } }, trigger };
    return read(await teams.invoke(who, 'adaptiveCard/action', value, on), on);
  }

  async function task(
    who: TeamsHandle,
    on: Pick<Seen, 'place' | 'message'>,
    name: 'task/fetch' | 'task/submit',
    data: object,
  ): Promise<Told> {
    const value = { data, context: { theme: 'default' } };
    return read(await teams.invoke(who, name, value, on), on);
  }

  /** Presses the button of this label, and says yes where it asks first. */
  async function presses(who: TeamsHandle, on: Seen, label: string): Promise<Told> {
    const action = buttonCalled(on.card, label);
    const data = action.data as { msteams?: { type?: string } };
    if (action.type === 'Action.Execute') return execute(who, on, action);
    if (data.msteams?.type !== 'task/fetch') throw new Error(`${label} does not do anything in a chat`);
    return task(who, on, 'task/fetch', data);
  }

  /** Presses a button that opens a form. */
  async function opens(who: TeamsHandle, on: Seen, label: string): Promise<TeamsForm> {
    const { form, text } = await presses(who, on, label);
    if (!form) throw new Error(`no form behind ${label}, but: ${text}`);
    return form;
  }

  /** Fills the form in and sends it; what is not in `values` stays as it was opened. */
  function fills(who: TeamsHandle, form: TeamsForm, values: Record<string, string> = {}): Promise<Told> {
    const inputs: Record<string, string> = {};
    for (const { id, value, isRequired } of inputsOf(form.card)) {
      const typed = values[String(id)] ?? value;
      if (isRequired && !typed) throw new Error(`Teams does not send the form: ${id} is empty`);
      if (typed) inputs[String(id)] = String(typed);
    }
    const action = buttonsOf(form.card)[0];
    if (!action) throw new Error('the form cannot be sent');
    if (form.how === 'card') return execute(who, form.on, action, 'manual', inputs);
    return task(who, form.on, 'task/submit', { ...(action.data as object), ...inputs });
  }

  /** Asks in words; the id under which it waits. */
  async function asks(
    who: TeamsHandle,
    role: string,
    rest = '1h INC-1042 failing over',
    place: TeamsPlace = who,
  ): Promise<string> {
    const said = await says(who, `${role} ${rest}`, place);
    const id = /Asked, as (R-\w+)/.exec(said)?.[1];
    if (!id) throw new Error(`not asked: ${said}`);
    return id;
  }

  /** All copies of a request's cards in one place, oldest first; those under the channel's card among them. */
  const cards = (id: string, place: TeamsPlace): TeamsMessage[] =>
    teams.messages(place).filter(({ marker }) => marker.startsWith(`curfew:${id}:`));

  /** Waits until one of these messages reads so; when it never comes, says what was there instead. */
  function reads(look: () => TeamsMessage[], words: RegExp, what: string): Promise<TeamsMessage> {
    return until(
      () => look().find(({ text }) => words.test(text)),
      `${what} to read ${words}`,
      PATIENCE_MS,
    ).catch((error: Error) => {
      const there = look().map(({ text }) => text);
      throw new Error(`${error.message}; there was:\n${there.slice(-8).join('\n\n')}`);
    });
  }

  /** Waits until one of a request's cards in this place reads so, to everybody. */
  const card = (id: string, place: TeamsPlace, words = /./): Promise<TeamsMessage> =>
    reads(() => cards(id, place), words, `a card of ${id} at ${place}`);

  /** Waits until one of a request's cards reads so to this person. */
  async function sees(who: TeamsHandle, id: string, place: TeamsPlace, words = /./): Promise<Seen> {
    let seen: readonly Seen[] = [];
    const look = async () => {
      seen = await Promise.all(cards(id, place).map((message) => seenBy(who, message, place)));
      return seen.find(({ text }) => words.test(text));
    };
    return until(look, `${who} to read ${words}`, PATIENCE_MS).catch((error: Error) => {
      throw new Error(`${error.message}; there was:\n${seen.map(({ text }) => text).join('\n\n')}`);
    });
  }

  /** Waits until any message in a channel or to a person reads so. */
  const line = async (place: TeamsPlace, words: RegExp): Promise<string> =>
    (await reads(() => teams.messages(place), words, place)).text;

  /** The lines under the card in the channel, when one of them reads so. */
  async function timeline(id: string, words: RegExp): Promise<string[]> {
    const place = '#access-approvals';
    const top = await reads(
      () => cards(id, place).filter(({ thread }) => thread === null),
      /./,
      `the card of ${id}`,
    );
    const under = () => teams.messages(place).filter(({ thread }) => thread === top.id);
    await reads(under, words, `the timeline of ${id}`);
    return under().map(({ text }) => text);
  }

  /** Asks, has an owner approve, and waits until it is live; the id. */
  async function live(who: TeamsHandle, role: string, rest?: string, approver: TeamsHandle = 'omar') {
    const id = await asks(who, role, rest);
    expect(await says(approver, `approve ${id}`)).toContain(`Approved ${id}`);
    await card(id, '#access-approvals', /Live until/);
    return id;
  }

  return {
    says,
    asTold,
    getsForm,
    seenBy,
    presses,
    opens,
    fills,
    asks,
    cards,
    card,
    sees,
    line,
    timeline,
    live,
    ...createRecord(town),
  };
}

export type TeamsTalk = ReturnType<typeof createTeamsTalk>;

/** The answer to an invoke, as the client shows it. */
export function read(delivery: TeamsDelivery, on: TeamsForm['on']): Told {
  const { status, answer } = delivery;
  expect(status).toBe(200);
  const [card = null] = cardsIn(answer);
  const isDialog = answer !== null && 'task' in answer;
  if (!card) return { text: wordsIn(answer), card: null, form: null, delivery };
  const form = inputsOf(card).length > 0 ? ({ card, how: isDialog ? 'dialog' : 'card', on } as const) : null;
  return { text: teamsText(card), card: isDialog ? null : card, form, delivery };
}

function wordsIn(answer: Json | null): string {
  const said = (answer?.task ?? answer) as { type?: string; value?: unknown } | null;
  const isSaid = said?.type === 'message' || said?.type === 'application/vnd.microsoft.activity.message';
  if (!isSaid) throw new Error(`Teams would show an error for ${JSON.stringify(answer)}`);
  return String(said.value);
}

function inputsOf(card: Json): Json[] {
  return nodesOf(card).filter(({ type }) => String(type).startsWith('Input.'));
}

/** The button itself, or the one inside the question that it asks first. */
export function buttonCalled(card: Json, label: string): Json {
  const button = buttonsOf(card).find(({ title }) => title === label);
  const yes = button?.type === 'Action.ShowCard' ? buttonsOf(button.card)[0] : button;
  if (!yes) throw new Error(`There is no button "${label}" on: ${teamsText(card)}`);
  return yes;
}
