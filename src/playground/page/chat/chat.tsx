/** Middle: one conversation, or App Home. */
import { type ReactNode, useEffect } from 'react';
import type { ConversationView, Snapshot } from '../../protocol.ts';
import { ROLES } from '../catalog.ts';
import type { Send } from '../live/act.ts';
import { ChatHeader } from './chat-header.tsx';
import { Composer } from './composer.tsx';
import { Home } from './home.tsx';
import { MessageList } from './message-list.tsx';

interface Props {
  readonly snapshot: Snapshot;
  readonly conversation: ConversationView;
  readonly isHome: boolean;
  readonly draft: { readonly text: string; readonly focus: number };
  readonly onDraft: (text: string) => void;
  readonly onGo: (at: string) => void;
  readonly send: Send;
  readonly hint: ReactNode;
  readonly onPlaces: () => void;
}

export function Chat({ snapshot, conversation, isHome, draft, onDraft, onGo, send, hint, onPlaces }: Props) {
  const { id, kind, name, unread } = conversation;
  const { you, people, truth } = snapshot;
  useOpening({ you, id, isHome, unread, send });
  const press = (ts: string | null) => async (blockId: string, actionId: string) => {
    await send({ do: 'click', conversation: isHome ? 'home' : id, ts, blockId, actionId });
  };
  const say = async (text: string) => (await send({ do: 'say', conversation: id, text })).ok;
  return (
    <>
      <ChatHeader
        conversation={conversation}
        isHome={isHome}
        onGo={onGo}
        you={people.find(({ handle }) => handle === you)}
        onPlaces={onPlaces}
      />
      {hint}
      {isHome ? (
        <Home home={snapshot.home} onPress={press(null)} />
      ) : (
        <>
          <MessageList key={`${you} ${id}`} conversation={conversation} people={people} onPress={press} />
          <Composer
            label={kind === 'channel' ? `Message #${name}` : `Message ${name}`}
            text={draft.text}
            focus={draft.focus}
            onText={onDraft}
            onSend={say}
            known={{
              roles: ROLES,
              ids: truth.grants.map(({ id, who, role }) => ({ id, detail: `${role}, ${who}` })),
            }}
          />
        </>
      )}
    </>
  );
}

interface Opening {
  readonly you: string;
  readonly id: string;
  readonly isHome: boolean;
  readonly unread: number;
  readonly send: Send;
}

/** What is looked at is read; and the bot is told when its Home is opened. */
function useOpening({ you, id, isHome, unread, send }: Opening) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each person who opens it
  useEffect(() => {
    if (isHome) void send({ do: 'open-home' });
  }, [isHome, you]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `send` is new whenever the page is drawn
  useEffect(() => {
    if (isHome || unread === 0) return;
    const read = () => {
      if (document.visibilityState === 'visible') void send({ do: 'read', conversation: id });
    };
    read();
    document.addEventListener('visibilitychange', read);
    return () => document.removeEventListener('visibilitychange', read);
  }, [id, isHome, unread, you]);
}
