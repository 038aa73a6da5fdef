/** What a screen reader is told when one snapshot follows another. Pure. */
import type { ConversationView, MessageView, Snapshot, TruthView } from '../../protocol.ts';
import { parseMrkdwn, unescaped } from './mrkdwn.ts';

const LONGEST = 160;

/** Nothing where the snapshot is the first, or somebody else's: then all of it would be news. */
export function announcements(before: Snapshot | null, after: Snapshot): string[] {
  if (!before || before.you !== after.you) return [];
  return [
    ...newMessages(before, after),
    ...comingAndGoing(before.truth.target, after.truth.target),
    ...incidentNews(before.truth, after.truth),
    ...botNews(before, after),
  ];
}

function newMessages(before: Snapshot, after: Snapshot): string[] {
  const seen = new Set(before.conversations.flatMap(allMessages).map(({ key }) => key));
  return after.conversations
    .flatMap(allMessages)
    .filter(({ key, message }) => !seen.has(key) && message.from !== after.you)
    .map(({ where, message }) => `${nameOf(after, message.from)} ${where}: ${inWords(message.text)}`);
}

function allMessages(conversation: ConversationView) {
  const where = conversation.kind === 'channel' ? `in ${conversation.name}` : 'to you';
  const of = (message: MessageView) => ({ key: `${conversation.id} ${message.ts}`, where, message });
  return conversation.messages.flatMap((message) => [of(message), ...message.replies.map(of)]);
}

export function nameOf({ people }: Pick<Snapshot, 'people'>, from: MessageView['from']): string {
  return from === 'curfew' ? 'Curfew' : (people.find(({ handle }) => handle === from)?.name ?? from);
}

function inWords(text: string): string {
  const plain = parseMrkdwn(text)
    .map((piece) =>
      piece.kind === 'text' || piece.kind === 'link'
        ? piece.text
        : piece.kind === 'date'
          ? piece.fallback
          : '',
    )
    .join('');
  return plain.length <= LONGEST ? plain : `${unescaped(plain).slice(0, LONGEST)}…`;
}

/** What it means that somebody is, or is not, in the target now. Unknown is not "gone". */
export function comingAndGoing(before: TruthView['target'], after: TruthView['target']): string[] {
  if (!after.reachable) return before.reachable ? ['PostgreSQL does not answer.'] : [];
  const said = before.reachable ? [] : ['PostgreSQL answers again.'];
  for (const { role, members } of after.roles) {
    const were = before.roles.find((each) => each.role === role)?.members ?? [];
    const came = members.filter((member) => !were.includes(member));
    const went = were.filter((member) => !members.includes(member));
    said.push(
      ...came.map((who) => `${who} is now a member of ${role}.`),
      ...went.map((who) => `${who} is no longer a member of ${role}.`),
    );
  }
  return said;
}

function incidentNews({ incident: before }: TruthView, { incident: after }: TruthView): string[] {
  if (!after || (before?.number === after.number && before.status === after.status)) return [];
  return [`Incident ${after.number} is ${after.status}.`];
}

function botNews(before: Snapshot, after: Snapshot): string[] {
  if (before.bot === after.bot) return [];
  const words = { running: 'Curfew is running.', starting: 'Curfew is starting.', down: 'Curfew is down.' };
  return [words[after.bot]];
}
