/** Facts → ordered rules → decision. Pure: the same facts give the same decision. */
import type { Decision } from './decision.ts';
import type { Facts } from './facts.ts';
import { eligibleApprovers, rulesFor } from './rules.ts';

export function decide(facts: Facts): Decision {
  const frozenFacts = snapshot(facts);
  for (const rule of rulesFor(facts)) {
    const { id, message } = rule();
    if (message !== null) {
      return {
        outcome: 'deny',
        rule: id,
        message,
        stages: [],
        policyVersion: facts.policyVersion,
        facts: frozenFacts,
      };
    }
  }
  return {
    outcome: 'approval',
    rule: 'owner-approves',
    message: `An owner of ${facts.role.title} decides.`,
    stages: [{ name: 'owner', approvers: eligibleApprovers(facts), required: 1 }],
    policyVersion: facts.policyVersion,
    facts: frozenFacts,
  };
}

/** The facts as JSON, so that what was seen can be frozen on the request and in the log. */
function snapshot(facts: Facts): Readonly<Record<string, unknown>> {
  const { role, ...rest } = facts;
  const { name, owners, risk, environment, sensitivity, recertifyBy, maxDurationS, problems } = role;
  const seen = {
    ...rest,
    role: { name, owners, risk, environment, sensitivity, recertifyBy, maxDurationS, problems },
  };
  return JSON.parse(JSON.stringify(seen)) as Readonly<Record<string, unknown>>;
}
