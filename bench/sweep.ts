/** (d) A sweep with nothing due: what it costs every second, whatever the ledger's history. */
import { createNoopConnector } from './noop-connector.ts';
import { createBenchReconciler } from './reconciler.ts';
import { GRANTS_PER_EDGE, seedHistory } from './seed.ts';
import { type Figure, spread } from './table.ts';
import { createBenchDatabase, type World } from './world.ts';

export async function sweepCost(world: World): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const count of world.sizes.histories) figures.push(await sweepWith(world, count));
  return figures;
}

async function sweepWith(world: World, count: number): Promise<Figure> {
  const database = await createBenchDatabase(world, { migrated: true });
  try {
    const words = count.toLocaleString('en-GB');
    world.say(`writing ${words} ended grants with all that belongs to them`);
    await seedHistory(database.sql, count);
    const { connector } = createNoopConnector({ heldAtFirst: true, concurrency: 8 });
    const reconciler = await createBenchReconciler(database.url, connector);
    world.say(`sweeping with ${words} ended grants`);
    const times: number[] = [];
    for (let n = 0; n < world.sizes.sweeps + 5; n += 1) {
      const began = performance.now();
      await reconciler.sweepOnce();
      // The first few plan statements and fill caches.
      if (n >= 5) times.push(performance.now() - began);
    }
    await reconciler.stop();
    return {
      part: 'd',
      what: `Curfew: a sweep with nothing due, ${words} ended grants`,
      perSecond: null,
      ...spread(times),
      note: `${world.sizes.sweeps} sweeps and looks at what is due next; each ended grant with request, vote, claim, 3 cards, 2 lines and a log event, ${GRANTS_PER_EDGE} for each person and right; beside them 300 live grants. Must not grow with history.`,
    };
  } finally {
    await database.close();
  }
}
