/** What is said over the page: the connection, what went wrong, and the news for those who listen. */
import { Icon } from './icon.tsx';
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

export function Announcer({ said }: { said: readonly string[] }) {
  return (
    <div className="unseen" role="log" aria-live="polite" aria-label="News">
      {said.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}
