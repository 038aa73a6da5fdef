/** Who looks, and where: kept in the address, so that a window stays whose it is. */
import { useEffect, useState } from 'react';
import type { Handle } from '../../protocol.ts';

const HANDLES: readonly Handle[] = ['ana', 'omar', 'lea', 'mia', 'sam'];

export interface Place {
  readonly as: Handle;
  /** Conversation id, or `home`; empty: wherever there is news. */
  readonly at: string;
}

/** `replace` where going back should not lead here. */
export type Go = (place: Partial<Place>, how?: 'push' | 'replace') => void;

export function addressOf({ as, at }: Place): string {
  return `/?as=${as}${at ? `#${at}` : ''}`;
}

function readPlace(): Place {
  const asked = new URLSearchParams(location.search).get('as');
  return { as: HANDLES.find((each) => each === asked) ?? 'ana', at: location.hash.slice(1) };
}

export function usePlace(): [Place, Go] {
  const [place, setPlace] = useState(readPlace);
  useEffect(() => {
    const follow = () => setPlace(readPlace());
    window.addEventListener('popstate', follow);
    return () => window.removeEventListener('popstate', follow);
  }, []);
  const go: Go = (next, how = 'push') => {
    const to = { ...readPlace(), ...next };
    if (how === 'push') history.pushState(null, '', addressOf(to));
    else history.replaceState(null, '', addressOf(to));
    setPlace(to);
  };
  return [place, go];
}
