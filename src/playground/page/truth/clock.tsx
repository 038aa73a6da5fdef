/** Ledger time, and the buttons that move it. */
import type { TruthView } from '../../protocol.ts';
import type { Send } from '../live/act.ts';
import { clockTime, movedBy } from '../words/time.ts';

export function Clock({ truth, now, send }: { truth: TruthView; now: number; send: Send }) {
  const moved = movedBy(truth);
  return (
    <section className="clock" aria-label="Ledger time">
      <div>
        <time className="clock-time" dateTime={new Date(now).toISOString()}>
          {clockTime(now, {}, true)}
        </time>
        <p className="clock-note">{moved ? `moved forward by ${moved}` : 'runs with real time'}</p>
      </div>
      <div className="clock-move">
        <button type="button" className="button" onClick={() => void send({ do: 'advance', seconds: 300 })}>
          +5 min
        </button>
        <button type="button" className="button" onClick={() => void send({ do: 'advance', seconds: 3600 })}>
          +1 h
        </button>
      </div>
    </section>
  );
}
