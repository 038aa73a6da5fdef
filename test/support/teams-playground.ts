/**
 * People at work in Microsoft's own Agents Playground, over HTTP: an instance for each of them.
 *
 *     const teams = await startTeamsPlayground({ botUrl, people: ['ana', 'omar'] });
 *     await teams.person('ana').says('prod-dba 1h INC-1 why');
 *     const card = await teams.waitFor('access-approvals', (m) => wordsIn(m.card).includes('Ana asks'));
 *     const answer = await teams.person('omar').presses('Approve', { on: card });
 *     await teams.stop();                  // throws when Teams would have refused anything
 *
 * Conversations are called `ana` (her chat with the bot), `ana/group` (her group chat), or by a channel's name:
 * `incidents` is in Ana's Teams, `access-approvals` in Omar's, `security-alerts` in Mia's.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Instance, startInstance } from '../../src/playground/teams/instance.ts';
import { BOT, MEMBERS, placesOf, SPEAKERS, type Speaker } from '../../src/playground/teams/places.ts';
import { buttonsIn, type CardButton, inputFaults, inputsIn, wordsIn } from './card-buttons.ts';
import { PATIENCE_MS } from './patience.ts';
import { startTeamsGateway, type TeamsGateway, type TeamsMessage } from './teams-gateway.ts';

/** What the bot answered to a click; `card` where it showed the presser another card. */
export interface PressAnswer {
  readonly status: number;
  /** `application/vnd.microsoft.card.adaptive`, `….activity.message` or `….error`; null after an Action.Submit, which has no answer. */
  readonly type: string | null;
  readonly value: unknown;
}

/** A card to press on: a message as it is, or with the card that only its presser was shown. */
type On = TeamsMessage;

interface Seat {
  readonly instance: Instance;
  readonly gateway: TeamsGateway;
}

export type TeamsPlayground = Awaited<ReturnType<typeof startTeamsPlayground>>;

/** @param options.botUrl without a path. The bot has to answer there already; everybody is introduced to it. */
export async function startTeamsPlayground(options: { botUrl: string; people?: readonly Speaker[] }) {
  const directory = await mkdtemp(path.join(tmpdir(), 'curfew-teams-'));
  const waiting = new Set<() => void>();
  const changed = () => {
    for (const look of [...waiting]) look();
  };
  const seats = new Map<string, Seat>();
  const people = options.people ?? SPEAKERS.map(({ handle }) => handle);
  const release = async () => {
    await Promise.all(
      [...seats.values()].flatMap(({ instance, gateway }) => [instance.stop(), gateway.stop()]),
    );
    await rm(directory, { recursive: true, force: true });
  };
  try {
    for (const speaker of people) {
      const gateway = await startTeamsGateway(changed);
      const { serviceUrl } = gateway;
      const instance = await startInstance({
        speaker,
        port: 0,
        botUrl: options.botUrl,
        serviceUrl,
        directory,
      }).catch(async (error: unknown) => {
        await gateway.stop();
        throw error;
      });
      seats.set(speaker, { instance, gateway });
      gateway.leadTo(instance.url);
    }
    for (const { instance } of seats.values()) await instance.introduce();
  } catch (error) {
    await release();
    throw error;
  }

  const seatOf = (name: string) => known(seats.get(name), `${name} has no instance here`);
  const member = (name: string) =>
    known(
      MEMBERS.find(({ handle }) => handle === name),
      `nobody is called ${name}`,
    );

  /** The conversation's id, and the instance that it is in. */
  function place(name: string): { id: string; seat: Seat } {
    const [owner = '', group] = name.split('/');
    if (seats.has(owner)) {
      const { chat, group: friends } = placesOf(owner);
      return { id: group === undefined ? chat : friends, seat: seatOf(owner) };
    }
    const { handle } = known(
      SPEAKERS.find(({ channel }) => channel === name),
      `there is no conversation ${name}`,
    );
    return { id: placesOf(handle).channel, seat: seatOf(handle) };
  }

  async function post(seat: Seat, to: string, body: object): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(`${seat.instance.url}/_conversation/v1${to}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
  }

  /** In the instance of the message, as whoever presses: any member of a channel, or the chat's own person. */
  async function press(name: string, button: CardButton, inputs: object, on: On): Promise<PressAnswer> {
    const seat = known(
      [...seats.values()].find(({ gateway }) => gateway.messages.has(keyOf(on))),
      'the message is in no instance',
    );
    const isPost = /@thread\.tacv2$/.test(on.conversation);
    const conversation = isPost ? `${on.conversation};messageid=${on.thread ?? on.id}` : on.conversation;
    const click = { from: { id: member(name).id }, conversation: { id: conversation }, replyToId: on.id };
    const data = { ...button.data, ...(button.associatedInputs === 'none' ? {} : inputs) };
    if (button.type === 'Action.Submit') {
      const { status, body } = await post(seat, '/submit', { ...click, value: data });
      return { status, type: null, value: body };
    }
    const { type, verb, title } = button;
    const value = { action: { type, verb, title, data }, trigger: 'manual' };
    const sent = { ...click, name: 'adaptiveCard/action', value };
    const { status, body } = await post(seat, '/invoke', sent);
    const answer = (body ?? {}) as { type?: string; value?: unknown };
    return { status, type: answer.type ?? null, value: answer.value ?? body };
  }

  function buttonOn(on: On, label: string): CardButton {
    const buttons = buttonsIn(on.card);
    const found = buttons.filter(({ title }) => title === label);
    if (found.length !== 1) {
      const titles = buttons.map(({ title }) => title).join(', ');
      throw new Error(`${found.length} buttons are called ${label}: there are ${titles || 'none'}`);
    }
    return known(found[0], label);
  }

  const messagesIn = (conversation: string): TeamsMessage[] => {
    const { id, seat } = place(conversation);
    return [...seat.gateway.messages.values()].filter((message) => message.conversation === id);
  };

  return {
    person: (name: string) => ({
      /** Elsewhere than in their own chat the bot is mentioned, since it hears nothing else. */
      async says(text: string, { in: where = name }: { in?: string } = {}): Promise<void> {
        const { id, seat } = place(where);
        if (seat !== seatOf(name)) throw new Error(`${name} can speak in their own Teams only`);
        const mention = `<at>${BOT.name}</at>`;
        const said =
          where === name
            ? { text, textFormat: 'plain' }
            : {
                text: `${mention} ${text}`,
                textFormat: 'xml',
                mentions: [{ mentioned: { id: BOT.id }, text: mention }],
              };
        const to = `/conversations/${encodeURIComponent(id)}/messages`;
        const { status } = await post(seat, to, { from: { id: member(name).id }, ...said });
        if (status !== 200) throw new Error(`Microsoft's playground answered ${status} to ${text}`);
      },

      /** With what the card's inputs hold at first, as a client sends them. */
      presses: (label: string, { on }: { on: On }) => press(name, buttonOn(on, label), inputsIn(on.card), on),

      /** Fills in the inputs of these ids and presses the button that sends them, where a client would. */
      async fills(form: On, values: Readonly<Record<string, string>>, label: string): Promise<PressAnswer> {
        const inputs = { ...inputsIn(form.card), ...values };
        const faults = inputFaults(form.card, inputs);
        if (faults.length > 0) throw new Error(`Teams does not send the form: ${faults.join(', ')}`);
        return press(name, buttonOn(form, label), inputs, form);
      },
    }),

    /** What the bot posted there, oldest first, each as it is now; in a channel with its threads. */
    messagesIn,

    /** The newest message that is so; waits until there is one. */
    waitFor(conversation: string, match: (message: TeamsMessage) => boolean): Promise<TeamsMessage> {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = messagesIn(conversation).findLast(match);
          if (found) over(() => resolve(found));
        };
        const timer = setTimeout(() => {
          const seen = messagesIn(conversation).map(
            ({ card, text }) => `${text}${wordsIn(card)}`.slice(0, 400) || '(nothing)',
          );
          over(() =>
            reject(new Error(`nothing like that in ${conversation}, only:\n${seen.join('\n--\n')}`)),
          );
        }, PATIENCE_MS);
        const over = (end: () => void) => {
          clearTimeout(timer);
          waiting.delete(look);
          end();
        };
        waiting.add(look);
        look();
      });
    },

    /** The card as the presser was shown it in the answer, to press on. */
    shown(on: On, { type, value }: PressAnswer): On {
      if (type !== 'application/vnd.microsoft.card.adaptive') throw new Error(`no card was shown: ${type}`);
      return { ...on, card: value };
    },

    /** Faults between the bot and this person's Teams. */
    setFault: (name: string, fault: Parameters<TeamsGateway['setFault']>[0]) =>
      seatOf(name).gateway.setFault(fault),

    async stop(): Promise<void> {
      const refused = [...seats.values()].flatMap(({ gateway }) => gateway.violations);
      await release();
      if (refused.length > 0) throw new Error(`Teams would not take:\n${refused.join('\n')}`);
    },
  };
}

const keyOf = ({ conversation, id }: TeamsMessage) => `${conversation} ${id}`;

function known<T>(found: T | undefined, complaint: string): T {
  if (found === undefined) throw new Error(complaint);
  return found;
}
