/** Curfew without a chat platform: operations and reconciliation over a real ledger, with clocks that stand still. */
import { randomBytes } from 'node:crypto';
import { bindPrincipal, findSpeaker, type SpeakingPrincipal } from '../../db/principals.ts';
import { loadRequestView, type RequestView } from '../../db/views.ts';
import type { ChatPort } from '../../src/chat/port.ts';
import type { Connector } from '../../src/connectors/connector.ts';
import type { Catalog, Role } from '../../src/domain/catalog.ts';
import type { Platform } from '../../src/domain/platform.ts';
import { DEFAULT_TIMING, type Timing } from '../../src/domain/timing.ts';
import type { InFlight } from '../../src/in-flight.ts';
import type { IncidentSource } from '../../src/incidents/source.ts';
import type { Log } from '../../src/observability/log.ts';
import { castVote, type Voted } from '../../src/operations/cast-vote.ts';
import type { OperationContext } from '../../src/operations/context.ts';
import { submitRequest } from '../../src/operations/submit-request.ts';
import { createReconcile } from '../../src/reconcile/reconcile.ts';
import { createManualClocks, type ManualClocks } from './clocks.ts';
import { createTestDirectory } from './directory.ts';
import { createTestLedger, type TestLedger } from './ledger.ts';
import { createVault, type Vault } from './vault.ts';

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

export function testRole(overrides: Partial<Role> = {}): Role {
  return {
    name: 'prod-dba',
    title: 'Production database admin',
    owners: ['omar@acme.test', 'lea@acme.test'],
    risk: 'high',
    environment: 'production',
    sensitivity: 'confidential',
    recertifyBy: '2099-06-30',
    maxDurationS: 4 * 3600,
    defaultDurationS: 3600,
    requesters: null,
    channel: null,
    requiresIncident: false,
    entitlements: [{ connector: 'vault', permission: { key: 'dba' } }],
    problems: [],
    ...overrides,
  };
}

export function testCatalog(roles: readonly Role[]): Catalog {
  return {
    version: 'sha256:test',
    roles: new Map(roles.map((role) => [role.name, role])),
    admins: ['mia@acme.test'],
    domains: ['acme.test'],
    channels: { approvals: '#access-approvals', alerts: '#security-alerts' },
    nonAsciiAddresses: false,
    mapped: new Map(),
    manualIncidentsTrusted: false,
  };
}

export interface HouseOptions {
  readonly ledger?: TestLedger;
  readonly clocks?: ManualClocks;
  readonly vault?: Vault;
  readonly connectors?: readonly Connector[];
  readonly roles?: readonly Role[];
  readonly timing?: Partial<Timing>;
  readonly ports?: ReadonlyMap<string, ChatPort>;
  readonly platforms?: readonly Platform[];
  readonly channels?: Catalog['channels'];
  readonly mapped?: Catalog['mapped'];
  readonly incidents?: readonly IncidentSource[];
  readonly log?: Log;
  readonly reads?: InFlight;
}

export async function createHouse(options: HouseOptions = {}) {
  const testLedger = options.ledger ?? (await createTestLedger());
  const clocks = options.clocks ?? createManualClocks();
  const vault = options.vault ?? createVault();
  const connectors = new Map((options.connectors ?? [vault.connector]).map((each) => [each.name, each]));
  const incidents = new Map((options.incidents ?? []).map((each) => [each.name, each]));
  const { channels, mapped } = options;
  const catalog = {
    ...testCatalog(options.roles ?? [testRole()]),
    ...(channels && { channels }),
    ...(mapped && { mapped }),
  };
  const timing = { ...DEFAULT_TIMING, ...options.timing };
  const log = options.log ?? silent;
  const platforms = options.platforms ?? (['slack'] as const);
  const directory = createTestDirectory();
  const ports = options.ports ?? new Map([['slack', directory.port]]);
  const { ledger } = testLedger;
  const ctx: OperationContext = {
    ledger,
    clocks,
    catalog,
    timing,
    connectors,
    incidents,
    ports,
    platforms,
    randomBytes,
    nudge() {},
    log,
    reads: options.reads,
  };
  const reconcile = createReconcile({
    ledger,
    clocks,
    catalog,
    timing,
    connectors,
    incidents,
    // Nobody is told anything where a test has no chat.
    ports: options.ports ?? new Map(),
    platforms,
    log,
    random: () => 0.5,
  });
  let deliveries = 0;
  const deliveryKey = () => `test:${++deliveries}:${randomBytes(4).toString('hex')}`;

  async function person(name: string): Promise<SpeakingPrincipal> {
    const email = `${name}@acme.test`;
    const identity = { platform: 'slack', workspace: 'T1', userId: `U-${name}`, email, name, timeZone: null };
    // Whoever speaks is here, by a directory that is read now; who leaves meanwhile comes back and speaks again.
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const departures = (await findSpeaker(ledger.db, identity))?.identity.departures ?? 0;
      const bound = await bindPrincipal(ledger.db, identity, { now: clocks.now(), platforms, departures });
      if (bound.ok) return bound.principal;
    }
    throw new Error(`${name} cannot be bound`);
  }

  return {
    ctx,
    ledger,
    clocks,
    vault,
    directory,
    reconcile,
    deliveryKey,
    person,
    /** Ana, or somebody else, asks; the id of the pending request. */
    async ask(who = 'ana', role = 'prod-dba', durationS = 3600): Promise<string> {
      const requester = await person(who);
      const result = await submitRequest(ctx, {
        deliveryKey: deliveryKey(),
        requester,
        role,
        durationS,
        endsBy: null,
        reference: 'INC-1042',
        reason: 'failing over the primary',
      });
      if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.refusal)}`);
      return result.id;
    },
    async approve(requestId: string, who = 'omar', lessS: number | null = null): Promise<Voted> {
      const approver = await person(who);
      return castVote(ctx, {
        deliveryKey: deliveryKey(),
        approver,
        requestId,
        verdict: 'approve',
        lessS,
        note: null,
      });
    },
    /** Sweeps until nothing is due. */
    settle: () => reconcile.settle(),
    async view(id: string): Promise<RequestView> {
      const view = await loadRequestView(ledger.db, id);
      if (!view) throw new Error(`no request ${id}`);
      return view;
    },
    async close(): Promise<void> {
      await reconcile.settle().catch(() => {});
      if (!options.ledger) await testLedger.close();
    },
  };
}

export type House = Awaited<ReturnType<typeof createHouse>>;
