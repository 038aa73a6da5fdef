/** What holds of policy for any facts whatever. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Role } from '../../src/domain/catalog.ts';
import { REQUEST_STATES } from '../../src/domain/request.ts';
import { decide } from '../../src/policy/decide.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { refuseVote, type VoteFacts } from '../../src/policy/may-vote.ts';
import {
  accessFacts,
  entitlementFacts,
  extensionFacts,
  factsNow,
  incidentFacts,
  voteFacts,
} from '../support/facts.ts';
import { testRole } from '../support/house.ts';

const mail = fc.constantFrom('ana@acme.test', 'ben@acme.test', 'omar@acme.test', 'lea@acme.test');
const party = mail.map((email) => ({ email, name: email }));
const seconds = fc.integer({ min: 1, max: 8 * 3600 });
const moment = fc.integer({ min: -7200, max: 7200 }).map((s) => new Date(factsNow.getTime() + s * 1000));
const role: fc.Arbitrary<Role> = fc
  .record({
    owners: fc.uniqueArray(mail),
    requesters: fc.option(fc.uniqueArray(mail)),
    maxDurationS: seconds,
    recertifyBy: fc.constantFrom(null, '2026-11-19', '2099-01-01'),
    problems: fc.constantFrom([], ['broken']),
    requiresIncident: fc.boolean(),
  })
  .map((over) => testRole(over));
const open = fc.constantFrom(
  null,
  { id: 'R-2222', what: 'pending' } as const,
  { id: 'R-2222', what: 'held' } as const,
);
const incident = fc.option(
  fc.record({ open: fc.boolean(), trusted: fc.boolean() }).map((over) => incidentFacts(over)),
);
const common = {
  incident,
  frozen: fc.boolean(),
  role,
  requester: party,
  subject: party,
  durationS: seconds,
  open,
};
const entitlement = fc
  .record({
    account: fc.constantFrom('ana', null),
    pinnedToAnother: fc.boolean(),
    heldOutside: fc.boolean(),
  })
  .map((over) => entitlementFacts(over));
const access = fc
  .record({
    ...common,
    unknown: fc.array(fc.constant('vault does not answer.'), { maxLength: 2 }),
    entitlements: fc.array(entitlement, { maxLength: 3 }),
    incidentProblem: fc.constantFrom(null, 'pagerduty has no incident INC-9.'),
  })
  .map((over) => accessFacts(over));
const extension = fc
  .record({
    ...common,
    grant: fc.record({ id: fc.constant('R-7K3M'), live: fc.boolean(), endsAt: moment, durationS: seconds }),
  })
  .map((over) => extensionFacts(over));
const facts: fc.Arbitrary<Facts> = fc.oneof(access, extension);

const vote: fc.Arbitrary<VoteFacts> = fc
  .record({
    frozen: fc.boolean(),
    verdict: fc.constantFrom('approve', 'deny' as const),
    approverEmail: mail,
    role: fc.option(role),
    lessS: fc.option(seconds),
    request: fc.record({
      state: fc.constantFrom('pending' as const, ...REQUEST_STATES),
      expiresAt: moment,
      requesterEmail: mail,
      subjectEmail: mail,
      subjectActive: fc.boolean(),
      durationS: seconds,
      endsBy: fc.option(moment),
    }),
  })
  .map(({ request, verdict, ...over }) =>
    voteFacts({ ...over, verdict: verdict as VoteFacts['verdict'] }, request),
  );

const freeze = <T>(value: T): T => {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
};

describe('whatever the facts', () => {
  it('the same facts give the same decision, and are not changed by it', () => {
    fc.assert(
      fc.property(facts, (each) => {
        expect(decide(freeze(each))).toEqual(decide(structuredClone(each)));
      }),
    );
  });

  it('neither requester nor subject is ever among those who are asked', () => {
    fc.assert(
      fc.property(facts, (each) => {
        const approvers = decide(each).stages.flatMap((stage) => stage.approvers);
        expect(approvers).not.toContain(each.requester.email);
        expect(approvers).not.toContain(each.subject.email);
      }),
    );
  });

  it('what is asked for is asked of at least one owner, and enough of them', () => {
    fc.assert(
      fc.property(facts, (each) => {
        const decision = decide(each);
        if (decision.outcome === 'deny') return;
        for (const { approvers, required } of decision.stages) {
          expect(required).toBeGreaterThan(0);
          expect(approvers.length).toBeGreaterThanOrEqual(required);
          expect(each.role.owners).toEqual(expect.arrayContaining([...approvers]));
        }
      }),
    );
  });

  it('anything unknown denies', () => {
    fc.assert(
      fc.property(access, (each) => {
        const blind = { ...each, unknown: ['vault does not answer.', ...each.unknown] };
        expect(decide(blind).outcome).toBe('deny');
      }),
    );
  });

  it('nothing is given for a closed incident, nor without one where the role needs it', () => {
    fc.assert(
      fc.property(facts, (each) => {
        if (decide(each).outcome === 'deny') return;
        expect(each.incident?.open).not.toBe(false);
        if (each.kind === 'extension') return;
        expect(each.incidentProblem).toBeNull();
        if (each.role.requiresIncident)
          expect(each.incident).toMatchObject({ open: true, trusted: true, nature: 'real' });
      }),
    );
  });

  it('no more time is given than the role allows, extensions included', () => {
    fc.assert(
      fc.property(facts, (each) => {
        if (decide(each).outcome === 'deny') return;
        const before = each.kind === 'extension' ? each.grant.durationS : 0;
        expect(before + each.durationS).toBeLessThanOrEqual(each.role.maxDurationS);
      }),
    );
  });

  it('a further objection never turns a denial into a question', () => {
    fc.assert(
      fc.property(facts, (each) => {
        if (decide(each).outcome === 'deny') expect(decide({ ...each, frozen: true }).outcome).toBe('deny');
        expect(decide({ ...each, frozen: true })).toMatchObject({ outcome: 'deny', rule: 'frozen' });
      }),
    );
  });

  it('the decision survives the ledger as it is', () => {
    fc.assert(
      fc.property(facts, (each) => {
        const decision = decide(each);
        expect(JSON.parse(JSON.stringify(decision))).toEqual(decision);
      }),
    );
  });
});

describe('whoever clicks', () => {
  it('nobody decides on their own access', () => {
    fc.assert(
      fc.property(vote, fc.boolean(), (each, asRequester) => {
        const { approverEmail, request } = each;
        const own = asRequester ? { requesterEmail: approverEmail } : { subjectEmail: approverEmail };
        expect(refuseVote({ ...each, request: { ...request, ...own } })?.rule).toBe('not-own-request');
      }),
    );
  });

  it('only an owner decides, and only what is pending and not over', () => {
    fc.assert(
      fc.property(vote, (each) => {
        if (refuseVote(each) !== null) return;
        expect(each.role?.owners).toContain(each.approverEmail);
        expect(each.request.state).toBe('pending');
        expect(each.request.expiresAt > each.now).toBe(true);
      }),
    );
  });

  it('less is less, and never more than the role allows', () => {
    fc.assert(
      fc.property(vote, (each) => {
        if (refuseVote(each) !== null || each.verdict === 'deny') return;
        const given = each.lessS ?? each.request.durationS;
        expect(given).toBeLessThanOrEqual(each.role?.maxDurationS ?? 0);
        if (each.lessS !== null) expect(given).toBeLessThan(each.request.durationS);
      }),
    );
  });
});
