/**
 * A ledger with a house on it, and a shell beside it, in each of the three ways in which the command line
 * can meet a ledger.
 */

import { createLedgerService } from '../../src/control/serve-ledger.ts';
import { createControlServer } from '../../src/control/server.ts';
import type { AuditKey } from '../../src/domain/audit-key.ts';
import type { ManualClocks } from './clocks.ts';
import { type CommandResult, runCommand, runInPipe } from './command-line.ts';
import { createHouse, type House, silent } from './house.ts';
import { createTestLedger, type TestLedger } from './ledger.ts';
import { createLedgerHome, openHome } from './ledger-home.ts';
import { createVault } from './vault.ts';

export const WAYS = [
  'on PostgreSQL',
  'embedded, nobody running',
  'embedded, held by a running Curfew',
] as const;
export type Way = (typeof WAYS)[number];

export async function createScene(way: Way, auditKey: AuditKey | null = null) {
  const place = await createLedgerHome();
  const vault = createVault();
  const clocks = createOrdinaryClocks();
  const held = way !== 'embedded, nobody running';
  const postgres = way === 'on PostgreSQL' ? await createTestLedger('postgres', auditKey) : null;
  const env: Record<string, string> = postgres ? { DATABASE_URL: postgres.url } : {};
  let open: { house: House; ledger: TestLedger } | null = null;
  let stopControl = async () => {};

  async function enter(): Promise<House> {
    if (open) return open.house;
    const ledger = postgres ?? (await openHome(place.home, auditKey));
    const house = await createHouse({ ledger, vault, clocks });
    open = { house, ledger };
    if (held && !postgres) {
      const service = createLedgerService({
        ledger: ledger.ledger,
        clocks,
        nudge: () => void house.settle().catch(() => {}),
      });
      const control = createControlServer({ path: place.home.socket, service, log: silent });
      await control.start();
      stopControl = control.stop;
    }
    return house;
  }

  async function leave(): Promise<void> {
    await stopControl();
    await open?.ledger.close();
    open = null;
  }

  return {
    way,
    vault,
    clocks,
    place,
    env,
    /** Does something inside of the house; where nobody is running, it is left again afterwards. */
    async inside<T>(work: (house: House) => Promise<T>): Promise<T> {
      const house = await enter();
      try {
        return await work(house);
      } finally {
        if (!held) await leave();
      }
    },
    cli: (args: readonly string[], extra: Readonly<Record<string, string>> = {}): Promise<CommandResult> =>
      runCommand(args, { cwd: place.directory, env: { ...env, ...extra } }),
    pipe: (args: readonly string[], rest: string): Promise<CommandResult> =>
      runInPipe(args, rest, { cwd: place.directory, env }),
    async close(): Promise<void> {
      await leave();
      await place.remove();
    },
  };
}

export type Scene = Awaited<ReturnType<typeof createScene>>;

/** Time as the shell's commands have it, which can be moved on all the same. */
function createOrdinaryClocks(): ManualClocks {
  let ledger = 0;
  let real = 0;
  return {
    now: () => new Date(Date.now() + ledger),
    real: () => new Date(Date.now() + real),
    pass(seconds) {
      ledger += seconds * 1000;
      real += seconds * 1000;
    },
    passReal(seconds) {
      real += seconds * 1000;
    },
  };
}

/** Somebody asks, an owner approves, and the access is there. */
export async function giveAccess(house: House, who = 'ana'): Promise<string> {
  const id = await house.ask(who);
  await house.approve(id);
  await house.settle();
  return id;
}
