/** Slack keeps the contract of every chat platform. */
import { expect } from 'vitest';
import {
  CONTRACT_ROLES,
  chatContract,
  type Shown,
  type Stage,
  type Who,
} from '../../support/chat-contract.ts';
import type { Delivery, Message, View } from '../../support/slack-driver.ts';
import { createTown } from '../../support/town.ts';
import { answerText, createTalk } from '../../support/town-talk.ts';
import { visibleText } from '../../support/visible-text.ts';

interface SlackCard extends Shown {
  readonly message: Message;
}

async function setUp(): Promise<Stage<SlackCard>> {
  const town = await createTown({ slack: 'emulate', roles: CONTRACT_ROLES });
  const talk = createTalk(town);
  const { slack } = town;
  /** What each did last, and how its answer is read. */
  const last = new Map<Who, () => Promise<string>>();

  const heard = (who: Who) => slack.ephemerals(who).length;
  const nextHeard = async (who: Who, before: number) =>
    visibleText(await slack.until(() => slack.ephemerals(who)[before], `${who} to be told`));

  async function whatOpens(who: Who, before: number): Promise<string> {
    const view = await slack.until(() => slack.openViews(who)[before], `a form for ${who}`);
    return visibleText(view);
  }
  function repeatable(who: Who, delivery: Delivery): Delivery {
    expect(delivery.status).toBe(200);
    last.set(who, async () => answerText(await delivery.again()));
    return delivery;
  }
  const form = (who: Who): View => talk.form(who);

  return {
    name: (who) => who,

    async says(who, words) {
      const before = slack.openViews(who).length;
      const said = answerText(repeatable(who, await slack.command(who, words)));
      return said === '' ? whatOpens(who, before) : said;
    },

    async sees(who, where, id, words) {
      const message = await talk.card(id, where === 'channel' ? '#access-approvals' : who, words);
      return { message, text: visibleText(message) };
    },

    async presses(who, { message }, label) {
      const verb = verbOf(message, label);
      const [forms, before] = [slack.openViews(who).length, heard(who)];
      const delivery = await slack.click(who, message, verb);
      expect(delivery.status).toBe(200);
      last.set(who, async () => {
        const again = heard(who);
        await delivery.again();
        return nextHeard(who, again);
      });
      return slack.until(async () => {
        if (slack.openViews(who).length > forms) return whatOpens(who, forms);
        return heard(who) > before && nextHeard(who, before);
      }, `what ${who} is told about ${label}`);
    },

    fills: async (who, values) =>
      answerText(repeatable(who, await slack.submit(who, form(who), { ...values }))),

    async repeats(who) {
      const again = last.get(who);
      if (!again) throw new Error(`${who} did nothing yet`);
      return again();
    },

    timeline: (id, words) => talk.timeline(id, words),
    hears: async (who, words) => void (await talk.line(who, words)),
    holds: (role, who) => town.vault.holds(role, who),
    passes: (seconds) => town.pass(seconds),
    record: async (id) =>
      (await talk.log()).filter(({ details }) => details.request === id).map(({ action }) => action),
    close: () => talk.close(),
  };
}

function verbOf({ blocks }: Message, label: string): string {
  const buttons = blocks.flatMap(({ elements }) => elements ?? []);
  const button = buttons.find((each) => (each as { text?: { text: string } }).text?.text === label);
  const verb = button?.action_id?.split(':')[1];
  if (!verb) throw new Error(`There is no button "${label}" here`);
  return verb;
}

chatContract('Slack', { setUp });
