import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { registry } from '../../../commands/registry.ts';
import { ROLES } from '../../../src/playground/page/catalog.ts';
import { complete, USAGES } from '../../../src/playground/page/words/completion.ts';
import { townYaml } from '../../../src/playground/town.ts';

const KNOWN = { roles: ROLES, ids: [{ id: 'R-7K3M', detail: 'prod-dba, Ana' }] };
const labels = (typed: string) => complete(typed, KNOWN).suggestions.map(({ label }) => label);
const takes = (typed: string) => complete(typed, KNOWN).suggestions.map(({ text }) => text);

describe('what the composer offers', () => {
  it('is every verb that Curfew knows, in its words', () => {
    const { request: _, ...verbs } = registry;
    expect(USAGES).toEqual(Object.values(verbs).map(({ usage, does }) => ({ usage, does })));
  });

  it('is every role that can be asked for in the playground', () => {
    const { roles } = parse(townYaml({ incidents: true })) as { roles: Record<string, { title: string }> };
    expect(ROLES).toEqual(Object.entries(roles).map(([name, { title }]) => ({ name, title })));
  });

  it('begins with the command, from the first stroke', () => {
    expect(takes('/')).toEqual(['/elevate ']);
    expect(complete('/el', KNOWN).unfinished).toBe(true);
    expect(complete('/elevate', KNOWN).unfinished).toBe(false);
  });

  it('is roles, then verbs, that begin with what was typed', () => {
    expect(labels('/elevate ').slice(1, 4)).toEqual(['staging-reports', 'breakglass', 'mine']);
    expect(labels('/elevate st')).toEqual(['staging-reports', 'status ID']);
    expect(takes('/elevate pro')).toEqual(['/elevate prod-dba ']);
  });

  it('is what comes second: a duration, a role, an id', () => {
    expect(labels('/elevate prod-dba ')).toEqual(['5m', '30m', '1h']);
    expect(takes('/elevate who p')).toEqual(['/elevate who prod-dba ']);
    expect(takes('/elevate done ')).toEqual(['/elevate done R-7K3M ']);
    expect(labels('/elevate incident ')).toEqual(['open', 'close']);
  });

  it('says what is still to be typed', () => {
    expect(complete('/elevate prod-dba ', KNOWN).usage).toBe('DURATION [REFERENCE] REASON');
    expect(complete('/elevate prod-dba 5m INC-1042 failing over the', KNOWN).usage).toBe('REASON');
    expect(complete('/elevate extend R-7K3M ', KNOWN).usage).toBe('DURATION REASON');
    expect(complete('/elevate mine ', KNOWN).usage).toBeNull();
    expect(complete('/elevate mine', KNOWN).usage).toBeNull();
    expect(complete('/elevate prod-dba', KNOWN).usage).toBe('DURATION [REFERENCE] REASON');
  });

  it.each([
    'hello',
    'see /elevate',
    '/help',
    '/elevated x',
    '/elevate prod-dba 5m why',
    '/elevate\nmine',
    '/elevate prod-dba',
  ])('is nothing for %j', (typed) => expect(labels(typed)).toEqual([]));
});
