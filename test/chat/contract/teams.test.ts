/** Teams keeps the contract of every chat platform. */
import {
  CONTRACT_ROLES,
  chatContract,
  type Shown,
  type Stage,
  type Who,
} from '../../support/chat-contract.ts';
import { createTeamsTalk, read, type Seen, type TeamsForm } from '../../support/teams-talk.ts';
import type { TeamsDelivery } from '../../support/teams-town.ts';
import { createTown } from '../../support/town.ts';

interface TeamsCard extends Shown, Seen {}

async function setUp(): Promise<Stage<TeamsCard>> {
  const town = await createTown({ slack: null, teams: true, roles: CONTRACT_ROLES });
  const talk = createTeamsTalk(town);
  const { teams } = town;
  const forms = new Map<Who, TeamsForm>();
  const last = new Map<Who, () => Promise<string>>();

  /** An answer to words is a message of its own. */
  async function answered(who: Who, deliver: () => Promise<TeamsDelivery>): Promise<string> {
    const before = teams.answers(who).length;
    const delivery = await deliver();
    last.set(who, () => answered(who, delivery.again));
    const message = await teams.until(() => teams.answers(who)[before], `an answer to ${who}`);
    const { form, text } = talk.asTold(message, who);
    if (form) forms.set(who, form);
    return text;
  }

  async function told(who: Who, work: ReturnType<typeof talk.presses>, on: TeamsForm['on']): Promise<string> {
    const { form, text, delivery } = await work;
    if (form) forms.set(who, form);
    last.set(who, async () => read(await delivery.again(), on).text);
    return text;
  }

  return {
    name: (who) => who,
    says: (who, words) => answered(who, () => teams.say(who, words)),
    sees: (who, where, id, words) =>
      talk.sees(who, id, where === 'channel' ? '#access-approvals' : who, words),
    presses: (who, card, label) => told(who, talk.presses(who, card, label), card),

    async fills(who, values) {
      const form = forms.get(who);
      if (!form) throw new Error(`no form is open for ${who}`);
      return told(who, talk.fills(who, form, values), form.on);
    },

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

chatContract('Teams', { setUp });
