/** What text needs to be drawn for one reader: who is who, and when now is. */
import { createContext, useContext } from 'react';
import type { ConversationView, PersonView } from '../../protocol.ts';

export interface Reading {
  readonly people: readonly PersonView[];
  readonly conversations: readonly Pick<ConversationView, 'id' | 'name'>[];
  readonly you: string;
  /** Ledger time, milliseconds: decides what "today" is. */
  readonly now: number;
}

export const ReadingContext = createContext<Reading>({ people: [], conversations: [], you: '', now: 0 });

export function useReading(): Reading {
  return useContext(ReadingContext);
}
