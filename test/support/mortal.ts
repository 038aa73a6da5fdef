/** A process that can die: from then on nothing that it does reaches the ledger, as after kill -9. */
import type { TestLedger } from './ledger.ts';

export function mortal(shared: TestLedger): TestLedger & { die(): void } {
  const inner = shared.ledger;
  let dead = false;
  const live = () => {
    if (dead) throw new Error('this process is dead');
  };
  return {
    ...shared,
    ledger: {
      kind: inner.kind,
      auditKey: inner.auditKey,
      get db() {
        live();
        return inner.db;
      },
      async tx(work) {
        live();
        return inner.tx(async (tx) => {
          const result = await work(tx);
          // Death before the commit takes the transaction along.
          live();
          return result;
        });
      },
      exclusively: (work) => inner.exclusively(work),
      close: async () => {},
    },
    die() {
      dead = true;
    },
    close: async () => {},
  };
}
