/** A small Slack, and the truth beside it. */
import { useEffect, useState } from 'react';
import type { Handle } from '../protocol.ts';
import { type Reading, ReadingContext } from './blocks/reading.tsx';
import { Chat } from './chat/chat.tsx';
import { ChatBones } from './chat/chat-bones.tsx';
import { Hint } from './chat/hint.tsx';
import { createSend } from './live/act.ts';
import { useAnnouncements } from './live/use-announcements.ts';
import { useLive } from './live/use-live.ts';
import { usePlace } from './live/use-place.ts';
import { waitsForDecision, whereTo } from './live/where.ts';
import { Modal } from './modal/modal.tsx';
import { Announcer, ConnectionNotice, Problem } from './notices.tsx';
import { type Pane, PaneTabs } from './pane-tabs.tsx';
import { Sidebar } from './people/sidebar.tsx';
import { Truth, TruthBones } from './truth/truth.tsx';

const NOWHERE: Reading = { people: [], conversations: [], you: '', now: 0 };

export function App() {
  const [place, go] = usePlace();
  const { snapshot, connection } = useLive(place.as);
  const [pane, setPane] = useState<Pane>('chat');
  const [problem, setProblem] = useState<string | null>(null);
  const [drafts, setDrafts] = useState<Readonly<Record<string, string>>>({});
  const [focus, setFocus] = useState(0);
  const said = useAnnouncements(snapshot);

  const you = snapshot?.you ?? place.as;
  const conversation = snapshot && whereTo(snapshot, place.at);
  const at = place.at === 'home' && conversation ? 'home' : (conversation?.id ?? '');
  const send = createSend(you, setProblem);
  const me = snapshot?.people.find(({ handle }) => handle === you);
  const modal = snapshot?.modals.at(-1);

  // Once it is chosen it stays, also when something new comes in elsewhere.
  useEffect(() => {
    if (at !== '' && at !== place.at && you === place.as) go({ at }, 'replace');
  });
  useEffect(() => {
    if (me) document.title = `${me.unread > 0 ? `(${me.unread}) ` : ''}${me.name} · Curfew playground`;
  }, [me]);

  const write = (to: string, text: string) => setDrafts((before) => ({ ...before, [`${you} ${to}`]: text }));
  const goTo = (to: string) => {
    go({ at: to });
    setPane('chat');
    setProblem(null);
  };
  const become = (handle: Handle, to = place.at) => {
    go({ as: handle, at: to });
    setPane('chat');
    setProblem(null);
  };
  const fill = (text: string) => {
    const to = at === 'home' ? snapshot?.conversations[0]?.id : conversation?.id;
    if (!to) return;
    if (to !== at) go({ at: to });
    write(to, text);
    setPane('chat');
    setFocus(focus + 1);
  };
  const watchItGo = () => {
    setPane('truth');
    void send({ do: 'advance', seconds: 300 });
  };
  const waiting = snapshot?.conversations.find(waitsForDecision);
  const sees = conversation !== null && at !== 'home' && waitsForDecision(conversation);

  return (
    <ReadingContext value={snapshot ? { ...snapshot, now: Date.parse(snapshot.truth.now) } : NOWHERE}>
      <div className="page" data-pane={pane}>
        <Sidebar snapshot={snapshot} at={at} onBecome={become} onGo={goTo} />
        <main className="main">
          <h1 className="unseen">Curfew playground</h1>
          <section className="chat" aria-label="Chat" tabIndex={-1}>
            {snapshot && conversation ? (
              <Chat
                snapshot={snapshot}
                conversation={conversation}
                isHome={at === 'home'}
                draft={{ text: drafts[`${you} ${conversation.id}`] ?? '', focus }}
                onDraft={(text) => write(conversation.id, text)}
                onGo={goTo}
                send={send}
                onPlaces={() => setPane('places')}
                hint={
                  <Hint
                    snapshot={snapshot}
                    sees={sees}
                    onFill={fill}
                    onBecome={(handle) => become(handle, '')}
                    onFind={() => goTo(waiting?.id ?? '')}
                    onAdvance={watchItGo}
                    onDismiss={() => void send({ do: 'dismiss-hint' })}
                  />
                }
              />
            ) : (
              <ChatBones />
            )}
          </section>
          <section className="truth" aria-label="The truth">
            {snapshot ? <Truth snapshot={snapshot} send={send} /> : <TruthBones />}
          </section>
        </main>
        <PaneTabs pane={pane} unread={me?.unread ?? 0} onPane={setPane} />
      </div>
      {modal ? (
        <Modal key={modal.id} view={modal} send={send} problem={problem} />
      ) : (
        <Problem problem={problem} onClose={() => setProblem(null)} />
      )}
      <ConnectionNotice connection={connection} />
      <Announcer said={said} />
    </ReadingContext>
  );
}
