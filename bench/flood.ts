/** (g) How late other people's access ends while one person floods the bot with requests: the whole program. */
import { createFloodScene, type FloodScene } from './flood-scene.ts';
import { type Figure, spread } from './table.ts';
import { until, type World } from './world.ts';

const HOLDERS = 10;
const COMMANDS = 200;
const WINDOW_S = 60;
/** Before the first of the ends. */
const FLOOD_LEAD_MS = 500;
const WATCH_EVERY_MS = 10;

type Kind = 'plain' | 'wide';

export async function flood(world: World): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const embedded of [false, true]) {
    for (const kind of ['plain', 'wide'] as const) figures.push(await floodWith(world, { embedded, kind }));
  }
  return figures;
}

async function floodWith(
  world: World,
  { embedded, kind }: { embedded: boolean; kind: Kind },
): Promise<Figure> {
  const scene = await createFloodScene(world, { embedded, holders: HOLDERS, roles: COMMANDS });
  try {
    await giveAccess(scene);
    const due = await ends(scene);
    const first = Math.min(...due.values());
    world.say(
      `${COMMANDS} commands at once for ${kind} roles, ${embedded ? 'embedded' : 'PostgreSQL'} ledger`,
    );
    await new Promise((resolve) => setTimeout(resolve, first - FLOOD_LEAD_MS - Date.now()));
    const answers = Promise.all(
      Array.from({ length: COMMANDS }, (_, n) =>
        scene.say('usam', `${kind}-${n} 1h INC-${n} flooding`).catch((error: unknown) => String(error)),
      ),
    );
    const gone = await watch(scene, due);
    const lags = [...due].map(([holder, at]) => (gone.get(holder) ?? Number.NaN) - at);
    const counts = countAnswers(await answers);
    await until('the grants to end', async () => (await ends(scene)).size === 0, {
      everyMs: 1000,
      boundS: 400,
    });
    const confirmed = (await scene.grants())
      .filter(({ role }) => role.startsWith('hold-'))
      .map(({ endsAt, endedAt }) => (endedAt ?? Number.NaN) - endsAt);
    return {
      part: 'g',
      what: `Curfew: lag of an end in a flood, ${kind} roles, ${embedded ? 'embedded' : 'PostgreSQL'}`,
      perSecond: null,
      ...spread(confirmed),
      note: `${HOLDERS} ends; half a second before the first, one person sends ${COMMANDS} /elevate at once for roles of ${kind === 'wide' ? '20 entitlements' : 'one'} on the same PostgreSQL target. The whole program; from the end to confirmed absence. In the target itself the access was gone after at most ${Math.max(...lags).toFixed(0)} ms. Answers: ${counts}.`,
    };
  } finally {
    await scene.close();
  }
}

/** Everybody asks, the owner approves, and it is there. */
async function giveAccess(scene: FloodScene): Promise<void> {
  for (let n = 0; n < HOLDERS; n += 1) {
    const asked = await scene.say(`up${n}`, `hold-${n} ${WINDOW_S}s INC-${n} failing over the primary`);
    let id = idIn(asked);
    // A process that has just begun may take longer than it has for an answer.
    await until(`${asked.slice(0, 200)} to be recorded`, async () => {
      id ??= idIn(await scene.say(`up${n}`, 'mine'));
      return id !== null;
    });
    await scene.say('uomar', `approve ${id}`);
  }
  await until('access', async () => (await scene.heldNow()).size === HOLDERS, { boundS: WINDOW_S });
}

const idIn = (answer: string): string | null => /R-[A-Z0-9]+/.exec(answer)?.[0] ?? null;

/** Holder to the end of what they hold, wall clock. */
async function ends(scene: FloodScene): Promise<Map<number, number>> {
  const open = (await scene.grants()).filter(
    ({ role, state }) => role.startsWith('hold-') && state !== 'ended',
  );
  return new Map(open.map(({ role, endsAt }) => [Number(role.slice('hold-'.length)), endsAt]));
}

/** Holder to when their access was gone in the target, wall clock. */
async function watch(scene: FloodScene, due: ReadonlyMap<number, number>): Promise<Map<number, number>> {
  const gone = new Map<number, number>();
  await until(
    'the access to go',
    async () => {
      const held = await scene.heldNow();
      for (const n of due.keys()) if (!held.has(n) && !gone.has(n)) gone.set(n, Date.now());
      return gone.size === due.size;
    },
    { everyMs: WATCH_EVERY_MS, boundS: 400 },
  );
  return gone;
}

function countAnswers(answers: readonly string[]): string {
  const kinds = new Map<string, number>();
  for (const answer of answers) {
    const kind = /Asked, as|Not recorded yet|Busy just now|too many|minute/i.exec(answer)?.[0] ?? 'other';
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return [...kinds].map(([kind, count]) => `${count} “${kind}”`).join(', ');
}
