/** The snapshots that the server pushes, for one person, through its restarts. */
import { useEffect, useState } from 'react';
import type { Handle, Snapshot } from '../../protocol.ts';

export type Connection = 'connecting' | 'open' | 'lost';

/** A server that refuses the stream makes the browser give up; then we try again by ourselves. */
const AGAIN_MS = 1000;

export function useLive(as: Handle): { snapshot: Snapshot | null; connection: Connection } {
  const [snapshot, setSnapshot] = useState<Snapshot | null>(null);
  const [connection, setConnection] = useState<Connection>('connecting');
  useEffect(() => {
    let source: EventSource;
    let timer: number | undefined;
    const open = () => {
      source = new EventSource(`/live?as=${as}`);
      source.onopen = () => setConnection('open');
      source.onmessage = ({ data }) => setSnapshot(JSON.parse(data) as Snapshot);
      source.onerror = () => {
        setConnection('lost');
        if (source.readyState === EventSource.CLOSED) timer = window.setTimeout(open, AGAIN_MS);
      };
    };
    open();
    return () => {
      window.clearTimeout(timer);
      source.close();
    };
  }, [as]);
  return { snapshot, connection };
}
