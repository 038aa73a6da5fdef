/** Whole elevations on a network that repeats, loses and puts off: what happens, happens once. */
import { expect, it } from 'vitest';
import { createManualClocks } from '../../support/clocks.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { startPlaygroundSlack } from '../../support/playground-slack.ts';
import { createTown } from '../../support/town.ts';
import { answerText, createTalk, roleOf } from '../../support/town-talk.ts';
import { visibleText } from '../../support/visible-text.ts';

const ROLES = ['one', 'two', 'three', 'four', 'five'];

it(
  'are asked for once, given once and taken once, and no card or line of them stands there twice',
  async () => {
    const slack = await startPlaygroundSlack({ direct: true });
    // Retries fall due in real time, by which this Slack stamps its messages; ledger time moves as the test says.
    const clocks = { ...createManualClocks(), real: () => new Date() };
    const town = await createTown({ slack, clocks, roles: ROLES.map((key) => roleOf(key)), asInUse: true });
    const talk = createTalk(town);
    slack.setFaults({ slackDown: false, flakyNetwork: true });

    type Place = '#access-approvals' | 'omar' | 'ana';
    const reads = (place: Place, id: string, words: RegExp) =>
      slack.until(
        async () => {
          town.curfew.nudge();
          return (await talk.cards(id, place)).find((card) => words.test(visibleText(card)));
        },
        `${place} to read ${words}`,
        PATIENCE_MS,
      );
    /**
     * Slack's directory may be out of reach at that moment, or this machine too slow for Slack: who is told so
     * tries again, as people do, and may read then that it was asked for already.
     */
    async function begins(role: string): Promise<string> {
      const asked = async () => {
        const told = answerText(await slack.command('ana', `${role} 1h because`));
        return /(?:Asked, as|already:) (R-\w+)/.exec(told)?.[1];
      };
      const id = await slack.until(asked, `${role} to be asked for`, PATIENCE_MS);
      await slack.until(
        async () => {
          const card = await reads('#access-approvals', id, /./);
          if (visibleText(card).includes('[Approve]')) await slack.click('omar', card, 'approve');
          return (await talk.cards(id, 'ana')).some((each) => visibleText(each).includes('Live until'));
        },
        `${role} to be live`,
        PATIENCE_MS,
      );
      expect(town.vault.holds(role, 'ana')).toBe(true);
      return id;
    }

    const ids = await Promise.all(ROLES.map(begins));
    town.pass(3600);
    for (const id of ids)
      for (const place of ['#access-approvals', 'omar', 'ana'] as const) {
        await reads(place, id, /Ended/);
        const markers = (await talk.cards(id, place)).map(({ blocks }) => blocks[0]?.block_id);
        expect(markers).toEqual([...new Set(markers)]);
      }
    for (const role of ROLES) expect(town.vault.holds(role, 'ana')).toBe(false);
    for (const card of await slack.messages('access-approvals')) {
      const lines = (await slack.thread(card)).map((line) => visibleText(line));
      expect(lines).toEqual([...new Set(lines)]);
    }

    slack.setFaults({ slackDown: false, flakyNetwork: false });
    const actions = (await talk.log()).map(({ action }) => action);
    for (const once of ['request.created', 'request.approved'])
      expect(actions.filter((action) => action === once)).toHaveLength(ROLES.length);
    await talk.close();
    await slack.close();
  },
  5 * PATIENCE_MS,
);
