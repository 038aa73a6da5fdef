/** What is wrong once a life is over in which somebody was killed; nothing, if Curfew keeps its promises. */
import type { FaultCase } from './fault-case.ts';

/** What is said of a life, in the only order in which it can be true. */
const ORDER = [
  'request.created',
  'vote.approved',
  'request.approved',
  'grant.attempted',
  'access.granted',
  'grant.live',
  'grant.ending',
  'revoke.attempted',
  'access.removed',
  'sessions.ended',
  'grant.ended',
];
const ALWAYS = ['request.approved', 'grant.ending', 'grant.ended'];
/** What another try may repeat, and says so in the log. */
const REPEATABLE = new Set(['grant.attempted', 'revoke.attempted']);
/** Whoever comes late finds it overdue, and alerts people. */
const WHEN_LATE = 'grant.overdue';

export async function problemsAfterLife(kase: FaultCase): Promise<string[]> {
  return [
    ...kase.lies(),
    ...(await problemsOfState(kase)),
    ...(await problemsOfLog(kase)),
    ...problemsOfChat(kase),
  ];
}

/** Nothing lost: it is over, in the ledger and in the target. */
async function problemsOfState({ sql, members, sessionLives, actions }: FaultCase): Promise<string[]> {
  const problems: string[] = [];
  const grants = await sql<{ state: string }[]>`select state from grants`;
  if (grants.length !== 1 || grants[0]?.state !== 'ended') problems.push(`grants: ${JSON.stringify(grants)}`);
  if ((await members()).length > 0) problems.push('the membership is left over');
  const called = (await actions()).includes('grant.attempted');
  const lives = await sessionLives();
  if (called && lives) problems.push('the session lives on');
  if (!called && !lives) problems.push('a session was ended though nothing had been given');
  const open = await sql`
    select from assignments where state <> 'absent' or due_at is not null or lease_token is not null`;
  if (open.length > 0) problems.push('an assignment is not settled');
  return problems;
}

/** Nothing doubled, nothing out of order, and a log that verifies. */
async function problemsOfLog({ actions, verify }: FaultCase): Promise<string[]> {
  const problems: string[] = [];
  const all = await actions();
  const known = ORDER.filter((action) => all.includes(action));
  const firsts = [...new Set(all.filter((action) => action !== WHEN_LATE))];
  if (firsts.join() !== known.join()) problems.push('out of order');
  for (const action of ALWAYS) if (!all.includes(action)) problems.push(`no ${action}`);
  for (const action of new Set(all)) {
    const count = all.filter((each) => each === action).length;
    if (count > 1 && !REPEATABLE.has(action)) problems.push(`${action}, ${count} times`);
  }
  const { ok, unsealed, problem } = await verify();
  if (!ok) problems.push(`the log does not verify: ${problem}`);
  if (unsealed > 0) problems.push(`${unsealed} events were not sealed`);
  return problems.length > 0 ? [...problems, all.join(', ')] : [];
}

/** Each message is there once, and every card shows the end. */
function problemsOfChat(kase: FaultCase): string[] {
  const said = kase.chat();
  const posted = said.filter(({ what }) => what !== 'update').map(({ marker }) => marker);
  const problems = posted
    .filter((marker, i) => posted.indexOf(marker) !== i)
    .map((marker) => `${marker} was posted twice`);
  for (const marker of new Set(posted)) {
    const last = said.findLast((each) => each.marker === marker);
    if (!marker.includes('notice') && !last?.content.includes('Ended')) {
      problems.push(`${marker} does not show the end: ${last?.content}`);
    }
  }
  return problems;
}
