/** What somebody sees who looks at open access in a terminal. */
import { describe, expect, it } from 'vitest';
import { renderGrants } from '../../src/cli/grants.ts';
import type { GrantFact } from '../../src/control/ledger-service.ts';

const now = new Date('2026-11-20T14:00:00.000Z');
const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString();

function grant(given: Partial<GrantFact>): GrantFact {
  return {
    id: 'R-7K3M',
    role: 'prod-dba',
    email: 'ana@acme.test',
    name: 'Ana',
    state: 'live',
    reference: null,
    approved_at: at(-60),
    live_at: at(-60),
    ends_at: at(42),
    ending_at: null,
    due_since: given.ending_at ?? given.ends_at ?? at(42),
    ended_at: null,
    end_reason: null,
    ended_by: null,
    end_note: null,
    overdue: false,
    last_error: null,
    ...given,
  };
}

describe('the list of open access', () => {
  it('says how much time is left, in whole minutes', () => {
    expect(renderGrants([grant({})], { now, width: 100 })[1]).toMatch(
      /R-7K3M +ana@acme.test +prod-dba +live .* 42 min$/,
    );
  });

  it('fits the terminal, and cuts neither ids nor states nor times', () => {
    const email = 'christopher.wolfeschlegelsteinhausen@engineering.acme.test';
    const long = grant({
      email,
      role: 'production-kubernetes-cluster-admin',
      state: 'ending',
      end_reason: 'offboarded',
    });
    for (const width of [80, 100]) {
      const lines = renderGrants(
        [grant({}), { ...long, last_error: 'prod-pg: it does not answer. '.repeat(10) }],
        { now, width },
      );
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      expect(lines[2]).toMatch(/^R-7K3M +christo.*… +prod.*… +ending \(offboarded\) +\d\d:\d\d$/);
    }
  });

  it('says beneath a grant that it should be gone, for how long, and what is in the way', () => {
    const stuck = grant({
      state: 'ending',
      ending_at: at(-12),
      end_reason: 'window',
      overdue: true,
      last_error: 'prod-pg: no answer',
    });
    const unnoticed = grant({ ends_at: at(-90), overdue: true });
    const lines = renderGrants([stuck, unnoticed], { now, width: 100 });
    expect(lines[2]).toBe('    OVERDUE for 12 min, not confirmed to be gone. prod-pg: no answer');
    expect(lines[4]).toBe('    OVERDUE for 1 h 30 min, not confirmed to be gone.');
    expect(lines.at(-1)).toContain('2 grants, 2 open, 2 overdue');
  });

  it('lets nothing that a target or a person wrote steer the terminal', () => {
    const lines = renderGrants(
      [grant({ last_error: 'x\u001b]0;title\u0007\u001b[2J\r\u202egone', overdue: true })],
      { now, width: 100 },
    );
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('says so when there is none', () => {
    expect(renderGrants([], { now, width: 100 })).toEqual(['No access is open.']);
  });
});
