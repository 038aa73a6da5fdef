/** Curfew from its parts: operations, commands, reconciliation, scheduler and chat, with explicit arguments. */

import type { Inbound, Reply, Speaker } from '../commands/command.ts';
import { createDispatch } from '../commands/dispatch.ts';
import { createHome, refusedHome } from '../commands/home.ts';
import { createIntake } from '../commands/intake.ts';
import { createLook } from '../commands/look.ts';
import { roleOptions } from '../commands/roles.ts';
import { createAddressBook } from '../db/address-book.ts';
import { type Ledger, ledgerForEnds } from '../db/client.ts';
import { nextDue } from '../db/next-due.ts';
import type { ChatPort } from './chat/port.ts';
import { createSlackPlatform } from './chat/slack/platform.ts';
import { createTeamsPlatform } from './chat/teams/platform.ts';
import { type WatchedPort, watchApp } from './chat/watch-app.ts';
import type { SlackSettings, TeamsSettings } from './config/environment.ts';
import type { Connector } from './connectors/connector.ts';
import { type Catalog, mappedOn } from './domain/catalog.ts';
import type { Clocks } from './domain/clock.ts';
import type { RandomBytes } from './domain/ids.ts';
import { DEFAULT_LIMITS, type Limits } from './domain/limits.ts';
import { PLATFORMS, type Platform } from './domain/platform.ts';
import type { Timing } from './domain/timing.ts';
import { createInFlight } from './in-flight.ts';
import type { IncidentSource } from './incidents/source.ts';
import { LaneFull } from './lane.ts';
import type { Log } from './observability/log.ts';
import { type Metrics, silentMetrics } from './observability/metrics.ts';
import type { OperationContext } from './operations/context.ts';
import { offboard } from './operations/offboard.ts';
import { reachAgain } from './operations/reach-again.ts';
import { createReconcile } from './reconcile/reconcile.ts';
import { createScheduler } from './scheduler.ts';

/** What is in use, in the order in which alerts look for a channel. */
function platformsOf(parts: Pick<CurfewParts, Platform>): readonly Platform[] {
  return PLATFORMS.filter((platform) => parts[platform] !== null);
}

export interface CurfewParts {
  readonly ledger: Ledger;
  readonly clocks: Clocks;
  readonly catalog: Catalog;
  readonly timing: Timing;
  /** How much is taken from people; by default what is sensible. */
  readonly limits?: Limits;
  readonly connectors: ReadonlyMap<string, Connector>;
  /** Sources of incidents, by their names under `incidents:`. */
  readonly incidents: ReadonlyMap<string, IncidentSource>;
  readonly slack: SlackSettings | null;
  readonly teams: TeamsSettings | null;
  /** What the bot shows to Teams; by default a token from Entra. */
  readonly teamsToken?: () => Promise<string>;
  readonly metrics?: Metrics;
  readonly log: Log;
  /** How long a directory has to say who is here, real milliseconds; a second, unless said otherwise. */
  readonly directoryWithinMs?: number;
  /** After how long "Not recorded yet" is answered, real milliseconds; 2.5 s, for platforms wait three. */
  readonly answerWithinMs?: number;
  readonly randomBytes: RandomBytes;
  /** 0 to 1, for backoff. */
  readonly random: () => number;
}

export function createCurfew(parts: CurfewParts) {
  const { ledger, clocks, log, metrics = silentMetrics } = parts;
  // Filled as platforms connect: what has to be taken away does not wait for chat.
  const ports = new Map<string, WatchedPort>();
  const platforms = platformsOf(parts);
  const reconcile = createReconcile({ ...parts, platforms, ports });
  const scheduler = createScheduler({
    sweep: reconcile.sweep,
    nextDue: (after) => nextDue(ledger.forEnds.db, after, parts.timing),
    clocks,
    log,
  });
  const limits = parts.limits ?? DEFAULT_LIMITS;
  const reads = createInFlight(limits.readsInFlight);
  const ctx: OperationContext = { ...parts, platforms, ports, reads, nudge: scheduler.nudge };
  // What people take away goes as surely as what ends by itself.
  const ctxForEnds: OperationContext = { ...ctx, ledger: ledgerForEnds(ledger) };
  const intake = createIntake({
    dispatch: createDispatch(ctx),
    dispatchEnds: createDispatch(ctxForEnds),
    limits,
    realNow: clocks.real,
    turnedAway: metrics.turnedAway,
  });
  const home = createHome(ctx);
  const look = createLook(ctx);
  const { answerWithinMs } = parts;
  const forEach = {
    ...(answerWithinMs !== undefined && { answerWithinMs }),
    dispatch(inbound: Inbound): Promise<Reply> {
      metrics.delivered({ platform: inbound.speaker.platform, kind: inbound.kind });
      return intake.take(inbound);
    },
    listRoles: (_speaker: Speaker, typed: string) => roleOptions(parts.catalog, typed),
    home: (speaker: Speaker) =>
      intake
        .show(speaker, () => home(speaker))
        .catch((error: unknown) => {
          if (error instanceof LaneFull) return refusedHome({ code: 'busy' });
          throw error;
        }),
    connected(port: ChatPort): void {
      ports.set(port.platform, watchApp(port, { realNow: () => clocks.real().getTime(), log }));
      scheduler.nudge();
    },
  };
  const slack = parts.slack
    ? createSlackPlatform({
        ...forEach,
        settings: parts.slack,
        memberChanged: async ({ speaker, deliveryKey, left }) => {
          await offboard(ctxForEnds, { deliveryKey, person: speaker, left });
        },
        appRefused: (refusal) => ports.get('slack')?.refuse(refusal),
        log: log.child({ room: 'slack' }),
      })
    : null;
  const teams = parts.teams
    ? createTeamsPlatform({
        ...forEach,
        settings: parts.teams,
        named: mappedOn(parts.catalog, 'teams').map(({ workspace: tenant, userId }) => ({ tenant, userId })),
        look: (speaker, id) => intake.show(speaker, () => look(speaker, id)),
        arrived: (speaker) => reachAgain(ctx, speaker),
        book: createAddressBook(ledger.db),
        realNow: () => clocks.real().getTime(),
        ...(parts.teamsToken && { token: parts.teamsToken }),
        log: log.child({ room: 'teams' }),
      })
    : null;
  const takesPart = (platform: Platform) => !ports.get(platform)?.refusal();
  const chats = [slack, teams].filter((platform) => platform !== null);

  return {
    ctx,
    slack,
    teams,
    reconcile,
    nudge: scheduler.nudge,
    /** Chat can be used: a platform that is down takes the other one's people nothing away. */
    ready: () =>
      (slack?.ready() === true && takesPart('slack')) || (teams?.ready() === true && takesPart('teams')),
    /** Why a platform cannot be used, a sentence each. */
    chatTrouble: (): readonly string[] =>
      [slack?.trouble(), ...[...ports.values()].map((port) => port.refusal()?.message)].filter(
        (sentence) => typeof sentence === 'string',
      ),
    async start(): Promise<void> {
      // Taking away comes first, whatever the state of chat.
      scheduler.start();
      await Promise.all(chats.map((platform) => platform.start()));
    },
    /** No new work; what is under way is finished or left for the next start. */
    async stop(): Promise<void> {
      await Promise.all(chats.map((platform) => platform.stop()));
      await scheduler.stop();
      await reconcile.drain();
      await Promise.all(
        [...parts.connectors.values(), ...parts.incidents.values()].map((each) => each.close()),
      );
      await reconcile.sealRest();
    },
  };
}
