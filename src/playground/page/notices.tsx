/** What is said over the page: the connection, what went wrong, and the news for those who listen. */
import { Icon } from './icon.tsx';
import type { Said } from './live/use-announcements.ts';
import type { Connection } from './live/use-live.ts';

export function ConnectionNotice({ connection }: { connection: Connection }) {
  return (
    <div className="notice-place" role="status">
      {connection === 'lost' ? (
        <p className="notice">The playground has stopped or is restarting. Trying again …</p>
      ) : null}
    </div>
  );
}

export function Problem({ problem, onClose }: { problem: string | null; onClose: () => void }) {
  return (
    <div className="problem-place" role="alert">
      {problem ? (
        <p className="problem">
          {problem}
          <button type="button" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </p>
      ) : null}
    </div>
  );
}

export function Announcer({ said }: { said: readonly Said[] }) {
  return (
    <div className="unseen" role="log" aria-live="polite" aria-label="News">
      {said.map(({ id, line }) => (
        <p key={id}>{line}</p>
      ))}
    </div>
  );
}
