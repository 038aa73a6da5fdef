/** Beside (b): what this machine allows at best, a timer and one committed change at each of the moments. */
import { seededMoments } from './moments.ts';
import { type Figure, spread } from './table.ts';
import { createBenchDatabase, until, type World } from './world.ts';

const LEAD_MS = 1_000;

export async function timerAndCommit(world: World): Promise<Figure[]> {
  const count = Math.ceil(world.sizes.randomEnds / 3);
  const withinS = world.sizes.randomEndsWithinS / 3;
  const database = await createBenchDatabase(world, { migrated: false });
  const { sql } = database;
  try {
    world.say(`a timer and one commit at ${count} moments within ${withinS} s`);
    await sql`create table moments (id int primary key, at timestamptz, done boolean)`;
    const moments = seededMoments(new Date(Date.now() + LEAD_MS), count, withinS * 1000);
    for (const [id, at] of moments.entries()) await sql`insert into moments values (${id}, ${at}, false)`;
    let done = 0;
    for (const [id, at] of moments.entries()) {
      setTimeout(async () => {
        await sql`update moments set done = true where id = ${id}`;
        done += 1;
      }, at.getTime() - Date.now());
    }
    await until('the timers', async () => done === count);
    const rows = await sql<{ lag: number }[]>`
      select (extract(epoch from pg_xact_commit_timestamp(xmin) - at) * 1000)::float8 as lag from moments`;
    return [
      {
        part: 'b',
        what: 'a timer and one commit',
        perSecond: null,
        ...spread(rows.map(({ lag }) => lag)),
        note: `${count} random moments in ${withinS} s, the same rate. A limit, not a peer: Curfew needs three commits and some twenty round trips.`,
      },
    ];
  } finally {
    await database.close();
  }
}
