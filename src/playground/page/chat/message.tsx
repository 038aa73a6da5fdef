/** One message as Slack draws it, and below it its thread. */
import { useState } from 'react';
import type { MessageView, Snapshot } from '../../protocol.ts';
import type { Press } from '../blocks/block-button.tsx';
import { BlockList } from '../blocks/block-list.tsx';
import { Mrkdwn } from '../blocks/mrkdwn.tsx';
import { Icon } from '../icon.tsx';
import { Avatar } from '../people/avatar.tsx';
import { nameOf } from '../words/announcements.ts';
import { clockTime } from '../words/time.ts';

export type PressMessage = (ts: string) => Press;

interface Props {
  readonly message: MessageView;
  readonly people: Snapshot['people'];
  /** Right after another one of the same person: without face and name. */
  readonly follows: boolean;
  readonly onPress: PressMessage;
}

export function Message({ message, people, follows, onPress }: Props) {
  const name = nameOf({ people }, message.from);
  return (
    <article
      className={`message${message.ephemeral ? ' message-ephemeral' : ''}${follows ? ' message-follows' : ''}`}
      aria-label={`${name}, ${clockTime(Date.parse(message.at))}`}
    >
      {follows ? null : <Avatar of={message.from} name={name} />}
      <div className="message-main">
        {message.ephemeral ? (
          <p className="message-note">
            <Icon name="eye" /> Only visible to you
          </p>
        ) : null}
        {follows ? null : (
          <p className="message-head">
            <strong>{name}</strong>
            {message.from === 'curfew' ? <span className="badge">App</span> : null}
            <time dateTime={message.at}>{clockTime(Date.parse(message.at))}</time>
          </p>
        )}
        {message.blocks.length > 0 ? (
          <BlockList blocks={message.blocks} onPress={onPress(message.ts)} />
        ) : (
          <p className="message-text">
            <Mrkdwn text={message.text} />
          </p>
        )}
        {message.edited ? <p className="message-edited">(edited)</p> : null}
        {message.replies.length > 0 ? (
          <Thread replies={message.replies} people={people} onPress={onPress} />
        ) : null}
      </div>
    </article>
  );
}

function Thread({
  replies,
  people,
  onPress,
}: Pick<Props, 'people' | 'onPress'> & { replies: readonly MessageView[] }) {
  const [open, setOpen] = useState(false);
  const last = replies.at(-1);
  return (
    <div className="thread">
      <button type="button" className="thread-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="down" />
        {replies.length === 1 ? '1 reply' : `${replies.length} replies`}
        {last && !open ? <span className="thread-last">last at {clockTime(Date.parse(last.at))}</span> : null}
      </button>
      {open ? (
        <ol className="thread-replies" aria-label="Thread">
          {replies.map((reply, index) => (
            <li key={reply.ts}>
              <Message
                message={reply}
                people={people}
                follows={replies[index - 1]?.from === reply.from}
                onPress={onPress}
              />
            </li>
          ))}
        </ol>
      ) : null}
    </div>
  );
}
