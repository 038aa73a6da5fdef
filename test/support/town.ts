/**
 * The whole of Curfew for flows: real Bolt and signed requests, emulate's Slack or the playground's behind a
 * strict gateway, a Teams behind a strict Bot Connector, a real ledger, and a target in memory. Clocks stand
 * still until the test moves them.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isNotNull } from 'drizzle-orm';
import type { Ledger } from '../../db/client.ts';
import { cards, notices } from '../../db/schema-messages.ts';
import type { Connector } from '../../src/connectors/connector.ts';
import { createCurfew } from '../../src/curfew.ts';
import type { Catalog, Role } from '../../src/domain/catalog.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/domain/limits.ts';
import { DEFAULT_TIMING } from '../../src/domain/timing.ts';
import type { IncidentSource } from '../../src/incidents/source.ts';
import { createLog } from '../../src/observability/log.ts';
import { createManualClocks, type ManualClocks } from './clocks.ts';
import { silent, testCatalog, testRole } from './house.ts';
import { createTestLedger, type TestLedger } from './ledger.ts';
import { PATIENCE_MS } from './patience.ts';
import { startPlaygroundSlack } from './playground-slack.ts';
import { type SlackWorkspace, startSlackWorkspace, until } from './slack-workspace.ts';
import { BOT_TOKEN, startTeamsWorkspace, type TeamsWorkspace } from './teams-town.ts';
import { createVault, type Vault } from './vault.ts';

/** Ledger, platforms and clocks that are given stay open when the town closes: for a second Curfew beside the first. */
export interface TownOptions {
  readonly ledger?: TestLedger;
  /** A workspace, or which one to start; emulate's, unless said otherwise. Null: this town has no Slack. */
  readonly slack?: SlackWorkspace | SlackKind | null;
  /** A Teams, or that one is to be started. */
  readonly teams?: TeamsWorkspace | true;
  readonly clocks?: ManualClocks;
  readonly roles?: readonly Role[];
  readonly vault?: Vault;
  readonly limits?: Limits;
  /** How long Curfew waits for directories, and people for an answer, is as in use: for tests about just that. */
  readonly asInUse?: boolean;
  readonly connectors?: readonly Connector[];
  readonly incidents?: readonly IncidentSource[];
  /** What the catalog says otherwise, such as a channel for each platform. */
  readonly catalog?: Partial<Pick<Catalog, 'channels' | 'mapped' | 'admins'>>;
}

/** Two Slacks that have nothing in common but the bot that they talk to. */
type SlackKind = 'emulate' | 'playground';

/** `CURFEW_TEST_SLACK` lets any flow run in the other one. */
function startSlack(kind = process.env.CURFEW_TEST_SLACK ?? 'emulate'): Promise<SlackWorkspace> {
  return kind === 'playground' ? startPlaygroundSlack() : startSlackWorkspace();
}

/** Curfew and what it stands on, on one HTTP server for every platform. */
async function build(
  options: TownOptions,
  { slack, teams }: { slack: SlackWorkspace | null; teams: TeamsWorkspace | null },
) {
  const testLedger = options.ledger ?? (await createTestLedger());
  const clocks = options.clocks ?? createManualClocks();
  const vault = options.vault ?? createVault();
  const connectors = new Map((options.connectors ?? [vault.connector]).map((each) => [each.name, each]));
  const curfew = createCurfew({
    ledger: testLedger.ledger,
    clocks,
    catalog: { ...testCatalog(options.roles ?? [testRole()]), ...options.catalog },
    timing: DEFAULT_TIMING,
    // Clocks stand still here, so that a minute never passes.
    limits: options.limits ?? { ...DEFAULT_LIMITS, requestsPerMinute: 1_000 },
    connectors,
    incidents: new Map((options.incidents ?? []).map((each) => [each.name, each])),
    slack: slack && {
      botToken: slack.botToken,
      apiUrl: slack.apiUrl,
      transport: { kind: 'http', signingSecret: slack.signingSecret },
    },
    teams: teams?.settings ?? null,
    teamsToken: async () => BOT_TOKEN,
    log: process.env.CURFEW_TEST_LOG ? createLog({ level: 'debug', secrets: [] }) : silent,
    randomBytes,
    random: () => 0.5,
    // A busy machine is no directory that does not answer, and no ledger that does not either.
    ...(!options.asInUse && { directoryWithinMs: PATIENCE_MS, answerWithinMs: PATIENCE_MS }),
  });
  const server = createServer((request, response) => {
    const platform = request.url?.startsWith('/slack/') ? curfew.slack : curfew.teams;
    if (platform) platform.listener(request, response);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  slack?.talkTo(url);
  teams?.talkTo(url);
  await curfew.start();
  await teams?.arrive();

  return {
    vault,
    clocks,
    curfew,
    testLedger,
    ledger: testLedger.ledger,
    url,
    /** Time passes, and the scheduler looks. */
    pass(seconds: number): void {
      clocks.pass(seconds);
      curfew.nudge();
    },
    /**
     * Real time passes, in which what has to be tried again falls due. What is being posted is let finish before:
     * no post takes longer than it is leased for, and here it would have.
     */
    async passReal(seconds: number): Promise<void> {
      await until(async () => !(await isPosting(testLedger.ledger)), 'what is being posted to be posted');
      clocks.passReal(seconds);
      curfew.nudge();
    },
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await curfew.stop();
      if (!options.ledger) await testLedger.close();
      if (slack && typeof options.slack !== 'object') await slack.close();
      if (teams && options.teams === true) await teams.close();
    },
  };
}

async function isPosting({ db }: Ledger): Promise<boolean> {
  const [ofCards, ofNotices] = await Promise.all([
    db.$count(cards, isNotNull(cards.leaseToken)),
    db.$count(notices, isNotNull(notices.leaseToken)),
  ]);
  return ofCards + ofNotices > 0;
}

type Bare = Awaited<ReturnType<typeof build>>;
/** With Slack, and with Teams where a test says so. */
export type Town = Bare & { readonly slack: SlackWorkspace };
export type TeamsTown = Bare & { readonly teams: TeamsWorkspace };

export function createTown(
  options: TownOptions & { slack: null; teams: TeamsWorkspace | true },
): Promise<TeamsTown>;
export function createTown(
  options: TownOptions & { slack?: SlackWorkspace | SlackKind; teams: TeamsWorkspace | true },
): Promise<Town & TeamsTown>;
export function createTown(options?: TownOptions & { slack?: SlackWorkspace | SlackKind }): Promise<Town>;
export async function createTown(options: TownOptions = {}): Promise<Bare> {
  const given = options.slack;
  const slack = given === null || typeof given === 'object' ? given : await startSlack(given);
  const teams = options.teams === true ? await startTeamsWorkspace() : (options.teams ?? null);
  return { ...(await build(options, { slack, teams })), ...(slack && { slack }), ...(teams && { teams }) };
}
