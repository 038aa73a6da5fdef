/** Ledger time, each second anew. */
import { useEffect, useState } from 'react';
import { type LedgerTime, ledgerNow } from '../words/time.ts';

export function useLedgerNow(time: LedgerTime): number {
  const [real, setReal] = useState(Date.now);
  useEffect(() => {
    const timer = window.setInterval(() => setReal(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  // What the server said may be newer than the last tick.
  return ledgerNow(time, Math.max(real, Date.parse(time.asOf)));
}
