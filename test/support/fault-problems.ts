/** What is wrong once a life is over in which somebody was killed; nothing, if Curfew keeps its promises. */
import { verifyAudit } from '../../db/audit-verify.ts';
import type { Ledger } from '../../db/client.ts';
import { verifyRows } from '../../db/ledger-verify.ts';
import { assignments, grants } from '../../db/schema.ts';
import { auditEvents, auditInbox } from '../../db/schema-audit.ts';
import type { FaultCase } from './fault-case.ts';

/** What is said of a life, in the only order in which it can be true. */
const ORDER = [
  'request.created',
  'vote.approved',
  'account.linked',
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

export async function problemsAfterLife(kase: FaultCase, ledger: Ledger): Promise<string[]> {
  const actions = await actionsIn(ledger);
  return [
    ...kase.lies(),
    ...(await problemsOfState(kase, ledger, actions)),
    ...(await problemsOfLog(ledger, actions)),
    ...problemsOfChat(kase),
  ];
}

/** Audit events in order: the sealed ones, then those that are not. */
export async function actionsIn({ db }: Ledger): Promise<string[]> {
  const sealed = await db.select({ action: auditEvents.action }).from(auditEvents).orderBy(auditEvents.seq);
  const others = await db.select({ action: auditInbox.action }).from(auditInbox).orderBy(auditInbox.id);
  return [...sealed, ...others].map(({ action }) => action);
}

/** Nothing lost: it is over, in the ledger and in the target. */
async function problemsOfState(
  { members, sessionLives }: FaultCase,
  { db }: Ledger,
  actions: readonly string[],
): Promise<string[]> {
  const problems: string[] = [];
  const states = (await db.select().from(grants)).map(({ state }) => state);
  if (states.join() !== 'ended') problems.push(`grants: ${states.join()}`);
  if ((await members()).length > 0) problems.push('the membership is left over');
  const called = actions.includes('grant.attempted');
  const lives = await sessionLives();
  if (called && lives) problems.push('the session lives on');
  if (!called && !lives) problems.push('a session was ended though nothing had been given');
  for (const { state, dueAt, leaseToken } of await db.select().from(assignments)) {
    if (state !== 'absent' || dueAt || leaseToken) problems.push(`an assignment is ${state}, not settled`);
  }
  return problems;
}

/** Nothing doubled, nothing out of order, and a log that verifies. */
async function problemsOfLog({ db }: Ledger, actions: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  const known = ORDER.filter((action) => actions.includes(action));
  const firsts = [...new Set(actions.filter((action) => action !== WHEN_LATE))];
  if (firsts.join() !== known.join()) problems.push('out of order');
  for (const action of ALWAYS) if (!actions.includes(action)) problems.push(`no ${action}`);
  for (const action of new Set(actions)) {
    const count = actions.filter((each) => each === action).length;
    if (count > 1 && !REPEATABLE.has(action)) problems.push(`${action}, ${count} times`);
  }
  const { ok, unsealed, problem } = await verifyAudit(db, null);
  if (!ok) problems.push(`the log does not verify: ${problem}`);
  const row = await verifyRows(db);
  if (row) problems.push(`a row is not as its events left it: ${row}`);
  if (unsealed > 0) problems.push(`${unsealed} events were not sealed`);
  return problems.length > 0 ? [...problems, actions.join(', ')] : [];
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
