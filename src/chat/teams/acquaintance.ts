/** Keeps whom and where Curfew has met, so that it can speak first; and greets where it is new. */
import { describeError } from '../../observability/describe-error.ts';
import type { Log } from '../../observability/log.ts';
import type { AddressBook } from './address-book.ts';
import type { Listening } from './answer.ts';
import type { Place, Sender } from './parse.ts';

const MAX_GREETED = 1000;

export function createAcquaintance(options: {
  book: Pick<AddressBook, 'person' | 'visit' | 'meet' | 'lose' | 'joinTeam' | 'leaveTeam'>;
  /** People of other tenants have no business here, and are not kept. */
  tenantId: string;
  log: Pick<Log, 'warn'>;
}) {
  const { book, tenantId, log } = options;
  /** Adding Curfew comes as two events, and each may come again. */
  const greeted = new Set<string>();

  /** Never rejects: who cannot be kept can still be answered. */
  async function keep(place: Place, work: () => Promise<void>): Promise<void> {
    if (place.tenant !== tenantId) return;
    try {
      await work();
    } catch (error) {
      log.warn(describeError(error), 'An address of Teams could not be kept.');
    }
  }

  async function met({ place, sender }: Listening): Promise<void> {
    const { tenant, serviceUrl } = place;
    const { speaker, address, name, timeZone } = sender;
    const { userId } = speaker;
    if (!place.botIsThere) {
      // Nobody can be written to or asked for there; who is not known yet is found in Curfew's teams.
      const known = await book.person(tenant, userId);
      if (known) await book.meet({ ...known, address, name, timeZone, direct: null });
      return;
    }
    const conversation = chatOf(place);
    const direct = place.type === 'personal' ? conversation : null;
    await book.visit({ id: conversation, tenant, serviceUrl });
    await book.meet({ tenant, userId, address, name, timeZone, serviceUrl, direct, seenIn: conversation });
  }

  return {
    meet: (from: Listening) => keep(from.place, () => met(from)),

    arrive: (from: Listening) =>
      keep(from.place, async () => {
        await met(from);
        const { team, tenant, serviceUrl } = from.place;
        if (team) await book.joinTeam({ tenant, ...team, serviceUrl });
      }),

    leave: (place: Place, sender: Sender | null) =>
      keep(place, async () => {
        greeted.delete(chatOf(place));
        if (place.team) await book.leaveTeam(place.team.id);
        else if (place.type === 'personal' && sender) {
          await book.lose(place.tenant, sender.speaker.userId);
        }
      }),

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
