/** Left: who you are, and where you can go. */
import type { ConversationView, Handle, Snapshot } from '../../protocol.ts';
import { Icon, Moon } from '../icon.tsx';
import { Avatar } from './avatar.tsx';
import { People, Unread } from './people.tsx';

interface Props {
  readonly snapshot: Snapshot | null;
  readonly at: string;
  readonly onBecome: (handle: Handle) => void;
  readonly onGo: (conversation: string) => void;
}

export function Sidebar({ snapshot, at, onBecome, onGo }: Props) {
  return (
    <nav className="sidebar" aria-label="Workspace">
      <p className="brand">
        <Moon />
        <span>
          <strong>Curfew</strong> playground
        </span>
      </p>
      {snapshot ? <Places snapshot={snapshot} at={at} onBecome={onBecome} onGo={onGo} /> : <SidebarBones />}
    </nav>
  );
}

function Places({ snapshot, at, onBecome, onGo }: Props & { snapshot: Snapshot }) {
  const channels = snapshot.conversations.filter(({ kind }) => kind === 'channel');
  const direct = snapshot.conversations.filter(({ kind }) => kind === 'dm');
  const curfew = direct.find(({ name }) => name === 'Curfew');
  const entries = (list: readonly ConversationView[]) => (
    <ul className="places-list">
      {list.map((each) => (
        <Entry
          key={each.id}
          conversation={each}
          current={each.id === at || (at === 'home' && each === curfew)}
          onGo={onGo}
        />
      ))}
    </ul>
  );
  return (
    <>
      <h2 className="places-title">You act as</h2>
      <People people={snapshot.people} you={snapshot.you} onBecome={onBecome} />
      <h2 className="places-title">Channels</h2>
      {entries(channels)}
      <h2 className="places-title">Direct messages</h2>
      {entries(direct)}
      <p className="sidebar-foot">All of this runs on this machine, and only here.</p>
    </>
  );
}

interface EntryProps {
  readonly conversation: ConversationView;
  readonly current: boolean;
  readonly onGo: (conversation: string) => void;
}

function Entry({ conversation: { id, kind, name, unread }, current, onGo }: EntryProps) {
  return (
    <li>
      <button
        type="button"
        className={unread > 0 && !current ? 'place place-news' : 'place'}
        aria-current={current ? 'page' : undefined}
        onClick={() => onGo(id)}
      >
        {kind === 'channel' ? <Icon name="hash" /> : <Avatar of="curfew" name={name} />}
        <span className="place-name">{name}</span>
        {unread > 0 && !current ? <Unread count={unread} /> : null}
      </button>
    </li>
  );
}

/** As tall as what will be here, so that nothing jumps. */
function SidebarBones() {
  return (
    <div className="bones" aria-hidden="true">
      <h2 className="places-title">You act as</h2>
      {['a', 'b', 'c', 'd', 'e'].map((key) => (
        <span key={key} className="bone bone-person" />
      ))}
      <h2 className="places-title">Channels</h2>
      {['f', 'g', 'h'].map((key) => (
        <span key={key} className="bone bone-place" />
      ))}
    </div>
  );
}
