/** Keeps whom and where Curfew has met, so that it can speak first; and greets where it is new. */
import { describeError } from '../../observability/describe-error.ts';
import type { Log } from '../../observability/log.ts';
import type { AddressBook } from './address-book.ts';
import type { Listening } from './answer.ts';
import type { Household } from './household.ts';
import type { Place, Sender } from './parse.ts';

/** Teams does not always say who added Curfew to a team. */
interface From {
  readonly place: Place;
  readonly sender: Sender | null;
}

const MAX_GREETED = 1000;

export function createAcquaintance(options: {
  book: Pick<AddressBook, 'person' | 'visit' | 'meet' | 'lose' | 'joinTeam' | 'leaveTeam'>;
  /** Nobody else has any business here, or is kept. */
  household: Household;
  log: Pick<Log, 'warn'>;
}) {
  const { book, household, log } = options;
  /** Adding Curfew comes as two events, and each may come again. */
  const greeted = new Set<string>();

  const isHome = ({ tenant }: Place) => household.tenants.includes(tenant);
  const isNamedIn = ({ tenant }: Place, { speaker }: Sender) =>
    household.named.some((each) => each.tenant === tenant && each.userId === speaker.userId);

  /** False where it failed. Never rejects: who cannot be kept can still be answered. */
  async function keep({ place, sender }: From, work: () => Promise<void>): Promise<boolean> {
    if (!isHome(place) && !(sender && isNamedIn(place, sender))) return true;
    try {
      await work();
      return true;
    } catch (error) {
      log.warn(describeError(error), 'An address of Teams could not be kept.');
      return false;
    }
  }

  async function met({ place, sender }: From): Promise<void> {
    if (place.botIsThere) await been(place);
    if (sender) await known(place, sender);
  }

  /** A team says only once that it has Curfew, and that may have been missed. */
  async function been(place: Place): Promise<void> {
    const { team, tenant, serviceUrl } = place;
    await book.visit({ id: chatOf(place), tenant, serviceUrl });
    if (team && isHome(place)) await book.joinTeam({ tenant, ...team, serviceUrl });
  }

  async function known(place: Place, { speaker, address, name, timeZone }: Sender): Promise<void> {
    const { serviceUrl } = place;
    const { workspace: tenant, userId } = speaker;
    if (!place.botIsThere) {
      // Nobody can be written to or asked for there; who is not known yet is found in Curfew's teams.
      const before = await book.person(tenant, userId);
      if (before) await book.meet({ ...before, address, name, timeZone, direct: null });
      return;
    }
    const conversation = chatOf(place);
    const direct = place.type === 'personal' ? conversation : null;
    await book.meet({ tenant, userId, address, name, timeZone, serviceUrl, direct, seenIn: conversation });
  }

  return {
    async meet(from: Listening): Promise<void> {
      await keep(from, () => met(from));
    },

    /** Whether everything is kept that is to be kept: only then Curfew has arrived. */
    arrive: (from: From): Promise<boolean> => keep(from, () => met(from)),

    async leave({ place, sender }: From): Promise<void> {
      await keep({ place, sender }, async () => {
        greeted.delete(chatOf(place));
        if (place.team) await book.leaveTeam(place.team.id);
        else if (place.type === 'personal' && sender) {
          await book.lose(sender.speaker.workspace, sender.speaker.userId);
        }
      });
    },

    /** Whether to greet here: once, as far as this process remembers. */
    isNew(place: Place): boolean {
      const conversation = chatOf(place);
      if (greeted.has(conversation)) return false;
      const [oldest] = greeted;
      if (greeted.size >= MAX_GREETED && oldest !== undefined) greeted.delete(oldest);
      greeted.add(conversation);
      return true;
    },
  };
}

/** Without the thread. */
function chatOf({ conversation }: Place): string {
  return conversation.split(';', 1)[0] ?? conversation;
}
