/** A conversation's messages, newest at the bottom, with the days between them. */
import { Fragment } from 'react';
import type { ConversationView, MessageView, Snapshot } from '../../protocol.ts';
import { useReading } from '../blocks/reading.tsx';
import { dayTitle } from '../words/time.ts';
import { Message, type PressMessage } from './message.tsx';

const TOGETHER_MS = 5 * 60_000;

interface Props {
  readonly conversation: ConversationView;
  readonly people: Snapshot['people'];
  readonly onPress: PressMessage;
}

export function MessageList({ conversation, people, onPress }: Props) {
  const { now } = useReading();
  const { messages } = conversation;
  if (messages.length === 0) return <Beginning conversation={conversation} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and has to do so by keys
    <section className="scroll" aria-label={`Messages in ${conversation.name}`} tabIndex={0}>
      <ol className="messages">
        {messages.map((message, index) => {
          const day = dayTitle(Date.parse(message.at), now);
          const before = messages[index - 1];
          const isNewDay = !before || dayTitle(Date.parse(before.at), now) !== day;
          return (
            <Fragment key={message.ts}>
              {isNewDay ? (
                <li className="day">
                  <span>{day}</span>
                </li>
              ) : null}
              <li>
                <Message
                  message={message}
                  people={people}
                  follows={!isNewDay && belongTogether(before, message)}
                  onPress={onPress}
                />
              </li>
            </Fragment>
          );
        })}
      </ol>
    </section>
  );
}

function belongTogether(before: MessageView | undefined, message: MessageView): boolean {
  if (before?.from !== message.from || before.ephemeral !== message.ephemeral) return false;
  const gap = Date.parse(message.at) - Date.parse(before.at);
  return before.replies.length === 0 && gap < TOGETHER_MS;
}

function Beginning({ conversation: { kind, name } }: { conversation: ConversationView }) {
  return (
    <div className="scroll">
      <p className="beginning">
        {kind === 'dm'
          ? 'What concerns you alone, Curfew tells you here.'
          : `Nothing has been said in #${name} yet.`}{' '}
        Type <code>/</code> below to see what you can say.
      </p>
    </div>
  );
}
