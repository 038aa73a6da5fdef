import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/domain/nearest.ts';

const roles = ['prod-dba', 'prod-ro', 'staging-dba', 'github-maintainer', 'db-backup'];

describe('the nearest names', () => {
  it.each([
    ['prod-dab', ['prod-dba']],
    ['prdo-dba', ['prod-dba']],
    ['PROD-DBA', ['prod-dba']],
    ['prod', ['prod-ro', 'prod-dba']],
    ['dba', ['prod-dba', 'staging-dba']],
    ['maintainer', ['github-maintainer']],
    ['zzzzzz', []],
    ['', []],
  ])('of %j are %j', (typed, expected) => {
    expect(nearest(typed, roles)).toEqual(expected);
  });

  it('are three at most, however many there are', () => {
    const many = Array.from({ length: 5_000 }, (_, i) => `role-${i}`);
    expect(nearest('role', many)).toEqual(['role-0', 'role-1', 'role-2']);
  });

  it('are looked for only as far as a name can be long', () => {
    expect(nearest('x'.repeat(1_000_000), roles)).toEqual([]);
  });
});
