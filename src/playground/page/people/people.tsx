/** Who you act as; each person is an address, so that another window can be somebody else. */
import type { MouseEvent } from 'react';
import type { Handle, PersonView } from '../../protocol.ts';
import { Icon } from '../icon.tsx';
import { addressOf } from '../live/use-place.ts';
import { Avatar } from './avatar.tsx';

interface Props {
  readonly people: readonly PersonView[];
  readonly you: Handle;
  readonly onBecome: (handle: Handle) => void;
}

export function People({ people, you, onBecome }: Props) {
  const become = (event: MouseEvent, handle: Handle) => {
    // A click that asks for a new window or tab gets one.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onBecome(handle);
  };
  return (
    <ul className="places-list">
      {people.map(({ handle, name, part, unread }) => (
        <li key={handle} className="person">
          <a
            className="place"
            href={addressOf({ as: handle, at: '' })}
            aria-current={handle === you ? 'true' : undefined}
            onClick={(event) => become(event, handle)}
          >
            <Avatar of={handle} name={name} />
            <span className="person-name">
              {name} <span className="person-part">{part}</span>
            </span>
            {unread > 0 && handle !== you ? <Unread count={unread} /> : null}
          </a>
          <a
            className="person-window"
            href={addressOf({ as: handle, at: '' })}
            target="_blank"
            rel="noopener"
            title={`Open another window as ${name}`}
            aria-label={`Open another window as ${name}`}
          >
            <Icon name="window" />
          </a>
        </li>
      ))}
    </ul>
  );
}

export function Unread({ count }: { count: number }) {
  return (
    <span className="unread">
      {count}
      <span className="unseen"> unread</span>
    </span>
  );
}
