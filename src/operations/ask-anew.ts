/**
 * What was asked at the request, asked again at the vote: whether everybody is still here, what the targets say,
 * and what policy makes of it by the catalog of today. Network calls, no transaction; what only the ledger
 * knows is asked once more under the lock of the vote.
 */
import { findGrant } from '../../db/grants.ts';
import { incidentById } from '../../db/incidents.ts';
import type { SpeakingPrincipal } from '../../db/principals.ts';
import { findRequest, type RequestWithParties } from '../../db/requests.ts';
import { readFreeze } from '../../db/switches.ts';
import type { Role } from '../domain/catalog.ts';
import type { FrozenEntitlement, Verdict } from '../domain/request.ts';
import { decide } from '../policy/decide.ts';
import { approversOf, type Decision } from '../policy/decision.ts';
import type { VoteRefusal } from '../policy/may-vote.ts';
import { within } from '../within.ts';
import type { OperationContext } from './context.ts';
import { extensionFacts, gatherFacts, standingFacts } from './gather-facts.ts';
import { readStanding, type Standing } from './read-standing.ts';

/** Real. Who answers later is told so, and clicks again. */
const WITHIN_MS = 8_000;

export interface AskedAnew {
  readonly approver: Standing;
  /** What policy would answer now; null: nobody asked it, or what it has to know could not be read in time. */
  readonly decision: Decision | null;
}

interface VoteQuestion {
  readonly approver: SpeakingPrincipal;
  readonly requestId: string;
  readonly verdict: Verdict;
  readonly lessS: number | null;
}

/** Null: there is nothing that this person could decide, as far as the ledger and the catalog tell. */
export async function askAnew(ctx: OperationContext, question: VoteQuestion): Promise<AskedAnew | null> {
  const { approver, requestId, verdict } = question;
  const found = await findRequest(ctx.ledger.db, requestId);
  const role = found && ctx.catalog.roles.get(found.request.role);
  if (!found || !role?.owners.includes(approver.email) || found.request.state !== 'pending') return null;
  const parties = [found.requester.email, found.subject.email];
  if (parties.includes(approver.email)) return null;
  const asking = readStanding(ctx, [approver.email, ...(verdict === 'approve' ? parties : [])]);
  // Where nothing comes to ask for it, its failure is nobody's; unheard it would end the process.
  asking.catch(() => {});
  const standing = async () => standingFacts(await asking);
  const deciding = verdict === 'approve' ? decideAnew(ctx, found, { ...question, role, standing }) : null;
  // Not awaited for ever, and by nobody when it comes late.
  deciding?.catch((err: unknown) => ctx.log.warn({ err, requestId }, 'a request could not be asked anew'));
  const decision = deciding && (await within(WITHIN_MS, deciding));
  return { approver: (await asking).get(approver.email) ?? 'unread', decision };
}

type Anew = VoteQuestion & {
  readonly role: Role;
  readonly standing: Parameters<typeof gatherFacts>[1]['standing'];
};

async function decideAnew(ctx: OperationContext, found: RequestWithParties, anew: Anew): Promise<Decision> {
  const { request, requester, subject } = found;
  const { role, standing } = anew;
  const durationS = anew.lessS ?? request.durationS;
  const asked = { requester, subject, role, durationS, own: request.id, standing };
  if (request.extendsGrant !== null) {
    const { db } = ctx.ledger;
    const [grant, incident, freeze, known] = await Promise.all([
      findGrant(db, request.extendsGrant),
      request.incidentId === null ? null : incidentById(db, request.incidentId),
      readFreeze(db),
      standing(),
    ]);
    if (!grant) throw new Error(`there is no grant ${request.extendsGrant} to extend`);
    return decide(
      extensionFacts(ctx, {
        ...asked,
        grant: grant.grant,
        incident,
        frozen: freeze?.on ?? false,
        standing: known,
        open: null,
      }),
    );
  }
  const { reference, incidentId } = request;
  const { facts, entitlements } = await gatherFacts(ctx, { ...asked, reference, incidentId });
  const decision = decide(facts);
  return decision.outcome === 'approval' && !sameEdges(entitlements, request.entitlements)
    ? { ...decision, outcome: 'deny', rule: 'role-unchanged', message: OTHERWISE, stages: [] }
    : decision;
}

const OTHERWISE =
  'An account or a permission means something else in its target now than when it was asked for.';

/** What is given is what was asked for, by the targets' own ids. */
function sameEdges(a: readonly FrozenEntitlement[], b: readonly FrozenEntitlement[]): boolean {
  const edges = (list: readonly FrozenEntitlement[]) =>
    JSON.stringify(list.map(({ targetId, edge }) => [targetId, edge]).sort());
  return edges(a) === edges(b);
}

/** What the directories, the targets and today's policy say against it; null: nothing. */
export function refuseAnew(anew: AskedAnew | null, verdict: Verdict): VoteRefusal | null {
  if (!anew) return { rule: 'facts-known', message: 'It changed just now: try again in a moment.' };
  if (anew.approver === 'gone') {
    const message = 'By the word of the directory you are no full member any more, so you decide nothing.';
    return { rule: 'approver-here', message };
  }
  if (anew.approver === 'unread') {
    const message = 'The directory did not say just now whether you are still here: try again in a moment.';
    return { rule: 'standing-known', message };
  }
  if (verdict === 'deny') return null;
  if (!anew.decision) {
    const message = 'What this gives could not be looked up in time: try again in a moment.';
    return { rule: 'facts-known', message };
  }
  const { outcome, rule, message } = anew.decision;
  // Whether a grant is over is seen under its lock, and its extension then closed for that.
  return outcome === 'deny' && rule !== 'grant-live' ? { rule, message } : null;
}

/** What does not pass by itself: the request is denied, by whoever would have approved it. */
const FOR_GOOD: ReadonlySet<string> = new Set([
  'role-exists',
  'recertified',
  'role-unchanged',
  'until',
  'subject-active',
  'requester-allowed',
  'parties-here',
  'not-open-already',
  'incident-required',
  'account-resolves',
  'account-is-own',
  'not-held-outside',
]);

export function closesRequest(
  { rule }: VoteRefusal,
  request: RequestWithParties['request'],
  { approver, verdict }: Pick<VoteQuestion, 'approver' | 'verdict'>,
): boolean {
  if (verdict !== 'approve' || request.state !== 'pending' || !FOR_GOOD.has(rule)) return false;
  // Of a role that is gone nobody is an owner: whoever was asked tries to decide.
  return rule !== 'role-exists' || approversOf(request.decision).includes(approver.email);
}
