/** Above the messages: where you are; with Curfew, its Home as a tab. */
import type { ConversationView } from '../../protocol.ts';
import { Icon } from '../icon.tsx';
import { Avatar } from '../people/avatar.tsx';

interface Props {
  readonly conversation: ConversationView;
  readonly isHome: boolean;
  readonly onGo: (at: string) => void;
}

export function ChatHeader({ conversation, isHome, onGo }: Props) {
  const { kind, name, id } = conversation;
  if (kind === 'channel') {
    return (
      <header className="chat-header">
        <h1>
          <Icon name="hash" />
          {name}
        </h1>
        <h2 className="unseen">Messages</h2>
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
      <h1>
        <Avatar of="curfew" name={name} />
        {name}
      </h1>
      <nav className="tabs" aria-label={name}>
        {tab('Home', 'home', isHome)}
        {tab('Messages', id, !isHome)}
      </nav>
      {isHome ? null : <h2 className="unseen">Messages</h2>}
    </header>
  );
}
