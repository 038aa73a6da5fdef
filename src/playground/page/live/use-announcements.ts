/** What is to be read aloud: what the newest snapshot changed. */
import { useEffect, useRef, useState } from 'react';
import type { Snapshot } from '../../protocol.ts';
import { announcements } from '../words/announcements.ts';

export interface Said {
  readonly id: number;
  readonly line: string;
}

/** Older ones have been read. */
const KEPT = 10;

export function useAnnouncements(snapshot: Snapshot | null): readonly Said[] {
  const before = useRef<Snapshot | null>(null);
  const [said, setSaid] = useState<readonly Said[]>([]);
  useEffect(() => {
    if (!snapshot) return;
    const news = announcements(before.current, snapshot);
    before.current = snapshot;
    if (news.length === 0) return;
    setSaid((old) => {
      const first = (old.at(-1)?.id ?? 0) + 1;
      return [...old, ...news.map((line, index) => ({ id: first + index, line }))].slice(-KEPT);
    });
  }, [snapshot]);
  return said;
}
