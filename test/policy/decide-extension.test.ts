/** What policy answers to whoever asks for more time. */
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import type { ExtensionFacts } from '../../src/policy/facts.ts';
import { extensionFacts, factsNow, incidentFacts } from '../support/facts.ts';
import { testRole } from '../support/house.ts';

describe('who asks for more time is refused', () => {
  const grant = extensionFacts().grant;
  it.each<[string, string, Partial<ExtensionFacts>, RegExp]>([
    ['while Curfew is frozen', 'frozen', { frozen: true }, /frozen/],
    ['when the access is over', 'grant-live', { grant: { ...grant, live: false } }, /R-7K3M is over/],
    [
      'when its incident is closed, however long the grace',
      'incident-open',
      { incident: incidentFacts({ open: false, graceS: 900 }) },
      /INC-1042 is closed, and R-7K3M ends with it/,
    ],
    [
      'without an incident where the role needs one by now',
      'incident-required',
      { role: testRole({ requiresIncident: true }) },
      /needs an open incident, and R-7K3M was given without one/,
    ],
    [
      'for what turned out to be a drill where the role needs a real incident',
      'incident-required',
      { role: testRole({ requiresIncident: true }), incident: incidentFacts({ nature: 'test' }) },
      /that is real: INC-1042 is a test/,
    ],
    [
      'for an incident that was opened by hand where the role needs one of a source',
      'incident-required',
      { role: testRole({ requiresIncident: true }), incident: incidentFacts({ trusted: false }) },
      /INC-1042 was opened by hand/,
    ],
    ['at the very end', 'grant-live', { grant: { ...grant, endsAt: factsNow } }, /R-7K3M is over/],
    [
      'when it comes to more than the role allows',
      'duration-cap',
      { durationS: 3 * 3600 + 1 },
      /3 h more is what is left/,
    ],
    [
      'when nothing is left',
      'duration-cap',
      { grant: { ...grant, durationS: 4 * 3600 }, durationS: 60 },
      /the longest time/,
    ],
    [
      'while they have asked for more already',
      'not-open-already',
      { open: { id: 'R-3333', what: 'pending' } },
      /R-3333 is waiting/,
    ],
    [
      'a role past its recertification',
      'recertified',
      { role: testRole({ recertifyBy: '2026-11-19' }) },
      /recertify/,
    ],
    [
      'when the role is theirs alone',
      'someone-can-approve',
      { role: testRole({ owners: ['ana@acme.test'] }) },
      /only owner/,
    ],
  ])('%s', (_, rule, over, message) => {
    const decision = decide(extensionFacts(over));
    expect(decision).toMatchObject({ outcome: 'deny', rule });
    expect(decision.message).toMatch(message);
  });

  it('only then: up to the role’s longest time an owner decides', () => {
    expect(decide(extensionFacts({ durationS: 3 * 3600 }))).toMatchObject({ outcome: 'approval' });
  });
});
