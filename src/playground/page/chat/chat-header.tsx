/** Above the messages: where you are; with Curfew, its Home as a tab. */
import type { ConversationView, PersonView } from '../../protocol.ts';
import { Icon } from '../icon.tsx';
import { Avatar } from '../people/avatar.tsx';

interface Props {
  readonly conversation: ConversationView;
  readonly isHome: boolean;
  readonly onGo: (at: string) => void;
  /** Who looks; on a small screen the only place that says so. */
  readonly you: PersonView | undefined;
  readonly onPlaces: () => void;
}

export function ChatHeader({ conversation, isHome, onGo, you, onPlaces }: Props) {
  const { kind, name, id } = conversation;
  const me = you ? (
    <button type="button" className="chat-you" onClick={onPlaces}>
      <Avatar of={you.handle} name={you.name} />
      <span className="unseen">You act as </span>
      {you.name}
    </button>
  ) : null;
  if (kind === 'channel') {
    return (
      <header className="chat-header">
        <h2>
          <Icon name="hash" />
          {name}
        </h2>
        {me}
      </header>
    );
  }
  const tab = (label: string, to: string, current: boolean) => (
    <button
      type="button"
      className="tab"
      aria-current={current ? 'page' : undefined}
      onClick={() => onGo(to)}
    >
      {label}
    </button>
  );
  return (
    <header className="chat-header">
      <h2>
        <Avatar of="curfew" name={name} />
        {name}
      </h2>
      <nav className="tabs" aria-label={name}>
        {tab('Home', 'home', isHome)}
        {tab('Messages', id, !isHome)}
      </nav>
      {me}
    </header>
  );
}
