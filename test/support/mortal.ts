/** A process that can die: from then on nothing that it does reaches the ledger, as after kill -9. */
import type { Ledger } from '../../db/client.ts';
import type { TestLedger } from './ledger.ts';

export function mortal(shared: TestLedger): TestLedger & { die(): void } {
  const inner = shared.ledger;
  let dead = false;
  const live = () => {
    if (dead) throw new Error('this process is dead');
  };
  const access = (to: Pick<Ledger, 'db' | 'tx'>): Pick<Ledger, 'db' | 'tx'> => ({
    get db() {
      live();
      return to.db;
    },
    async tx(work) {
      live();
      return to.tx(async (tx) => {
        const result = await work(tx);
        // Death before the commit takes the transaction along.
        live();
        return result;
      });
    },
  });
  return {
    ...shared,
    ledger: {
      kind: inner.kind,
      auditKey: inner.auditKey,
      get db() {
        return access(inner).db;
      },
      tx: (work) => access(inner).tx(work),
      forEnds: access(inner.forEnds),
      exclusively: (work) => inner.exclusively(work),
      close: async () => {},
    },
    die() {
      dead = true;
    },
    close: async () => {},
  };
}
