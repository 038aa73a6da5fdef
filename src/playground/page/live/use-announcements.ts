/** What is to be read aloud: what the newest snapshot changed. */
import { useEffect, useRef, useState } from 'react';
import type { Snapshot } from '../../protocol.ts';
import { announcements } from '../words/announcements.ts';

export function useAnnouncements(snapshot: Snapshot | null): readonly string[] {
  const before = useRef<Snapshot | null>(null);
  const [said, setSaid] = useState<readonly string[]>([]);
  useEffect(() => {
    if (!snapshot) return;
    const news = announcements(before.current, snapshot);
    before.current = snapshot;
    if (news.length > 0) setSaid(news);
  }, [snapshot]);
  return said;
}
