/** The small things within a line: a mention, a channel, a link, a moment, an emoji. */
import type { ReactNode } from 'react';
import { safeUrl } from '../words/mrkdwn.ts';
import { slackDate } from '../words/time.ts';
import { useReading } from './reading.tsx';

export function Mention({ id }: { id: string }) {
  const { people, you } = useReading();
  const person = people.find((each) => each.id === id);
  return (
    <span className={person?.handle === you ? 'mention mention-you' : 'mention'}>@{person?.name ?? id}</span>
  );
}

export function ChannelName({ id, label }: { id: string; label: string | null }) {
  const { conversations } = useReading();
  return (
    <span className="mention">#{label ?? conversations.find((each) => each.id === id)?.name ?? id}</span>
  );
}

/** Anything but https stays words. */
export function Link({ url, children }: { url: string; children: ReactNode }) {
  const href = safeUrl(url);
  if (!href) return <>{children}</>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

export function Moment({
  timestamp,
  format,
  fallback,
}: {
  timestamp: number;
  format: string;
  fallback: string;
}) {
  const { now } = useReading();
  const at = new Date(timestamp * 1000);
  return (
    <time dateTime={Number.isNaN(at.getTime()) ? undefined : at.toISOString()} title={fallback}>
      {slackDate({ timestamp, format, fallback }, now)}
    </time>
  );
}

/** The marks that the bot puts before its words; drawn here, so that they look the same everywhere. */
const MARKS: Readonly<Record<string, string>> = {
  '🟡': 'waiting',
  '🔵': 'working',
  '🟢': 'good',
  '⚪': 'ended',
  '⛔': 'refused',
  '🚨': 'alarm',
};
const MARK = /(🟡|🔵|🟢|⚪|⛔|🚨)/u;

/** Text as it is. The marks only repeat what the words say, so they are not read aloud. */
export function Words({ text }: { text: string }) {
  const parts = text.split(MARK);
  if (parts.length === 1) return <>{text}</>;
  return parts.map((part, index) =>
    MARKS[part] ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text have no other name
      <span key={index} className={`mark mark-${MARKS[part]}`} aria-hidden="true" />
    ) : (
      part
    ),
  );
}
