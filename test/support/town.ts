/**
 * The whole of Curfew for flows: real Bolt and signed requests, emulate's Slack or the playground's behind a
 * strict gateway, a real ledger, and a target in memory. Clocks stand still until the test moves them.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connector } from '../../src/connectors/connector.ts';
import { createCurfew } from '../../src/curfew.ts';
import type { Role } from '../../src/domain/catalog.ts';
import { DEFAULT_TIMING } from '../../src/domain/timing.ts';
import { createLog } from '../../src/observability/log.ts';
import { createManualClocks, type ManualClocks } from './clocks.ts';
import { silent, testCatalog, testRole } from './house.ts';
import { createTestLedger, type TestLedger } from './ledger.ts';
import { startPlaygroundSlack } from './playground-slack.ts';
import { type SlackWorkspace, startSlackWorkspace } from './slack-workspace.ts';
import { createVault, type Vault } from './vault.ts';

/** Ledger, Slack and clocks that are given stay open when the town closes: for a second Curfew beside the first. */
export interface TownOptions {
  readonly ledger?: TestLedger;
  /** A workspace, or which one to start; emulate's, unless said otherwise. */
  readonly slack?: SlackWorkspace | SlackKind;
  readonly clocks?: ManualClocks;
  readonly roles?: readonly Role[];
  readonly vault?: Vault;
  readonly connectors?: readonly Connector[];
}

/** Two Slacks that have nothing in common but the bot that they talk to. */
type SlackKind = 'emulate' | 'playground';

/** `CURFEW_TEST_SLACK` lets any flow run in the other one. */
function startSlack(kind = process.env.CURFEW_TEST_SLACK ?? 'emulate'): Promise<SlackWorkspace> {
  return kind === 'playground' ? startPlaygroundSlack() : startSlackWorkspace();
}

export async function createTown(options: TownOptions = {}) {
  const slack = typeof options.slack === 'object' ? options.slack : await startSlack(options.slack);
  const testLedger = options.ledger ?? (await createTestLedger());
  const clocks = options.clocks ?? createManualClocks();
  const vault = options.vault ?? createVault();
  const connectors = new Map((options.connectors ?? [vault.connector]).map((each) => [each.name, each]));
  const { botToken, signingSecret, apiUrl } = slack;
  const curfew = createCurfew({
    ledger: testLedger.ledger,
    clocks,
    catalog: testCatalog(options.roles ?? [testRole()]),
    timing: DEFAULT_TIMING,
    connectors,
    teams: null,
    slack: { botToken, apiUrl, transport: { kind: 'http', signingSecret } },
    auditKey: null,
    log: process.env.CURFEW_TEST_LOG ? createLog({ level: 'debug', secrets: [] }) : silent,
    randomBytes,
    random: () => 0.5,
  });
  const server = createServer((request, response) => curfew.slack?.listener(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  slack.talkTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await curfew.start();

  return {
    slack,
    vault,
    clocks,
    curfew,
    testLedger,
    ledger: testLedger.ledger,
    /** Time passes, and the scheduler looks. */
    pass(seconds: number): void {
      clocks.pass(seconds);
      curfew.nudge();
    },
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await curfew.stop();
      if (!options.ledger) await testLedger.close();
      if (typeof options.slack !== 'object') await slack.close();
    },
  };
}

export type Town = Awaited<ReturnType<typeof createTown>>;
