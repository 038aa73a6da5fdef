import { describe, expect, it } from 'vitest';
import { asBlocks, inputsOf } from '../../../src/playground/page/blocks/block-types.ts';
import { whereTo } from '../../../src/playground/page/live/where.ts';
import { missing, REQUIRED, valuesOf } from '../../../src/playground/page/modal/form-values.ts';
import { formOf, OPTIONS } from './fixture-views.ts';
import { snapshotOf } from './fixtures.ts';

const inputs = (faulty: boolean) => inputsOf(asBlocks(formOf(faulty).blocks));
const [role] = OPTIONS;

describe('a form', () => {
  it('asks for what is required, before the bot is asked', () => {
    expect(missing(inputs(false), { reason: '  ' })).toEqual({
      role: REQUIRED,
      duration: REQUIRED,
      reason: REQUIRED,
    });
    expect(missing(inputs(true), { role, reason: 'why not' })).toEqual({});
  });

  it('sends what it opened with where nobody has touched it, and what was typed elsewhere', () => {
    expect(valuesOf(inputs(true), { role, reason: 'failing over' })).toEqual({
      role: { 'curfew:role': { type: 'external_select', selected_option: role } },
      duration: { 'curfew:text': { type: 'plain_text_input', value: '99h' } },
      reference: { 'curfew:text': { type: 'plain_text_input', value: null } },
      reason: { 'curfew:text': { type: 'plain_text_input', value: 'failing over' } },
    });
  });

  it('sends nothing for what was emptied', () => {
    const { duration, role } = valuesOf(inputs(true), { duration: '', role: null });
    expect(duration).toEqual({ 'curfew:text': { type: 'plain_text_input', value: null } });
    expect(role).toEqual({ 'curfew:role': { type: 'external_select', selected_option: null } });
  });

  it('sends no more of an option than an answer may hold', () => {
    const text = { ...role.text, emoji: false };
    const sent = valuesOf(inputs(false), { role: { ...role, text } });
    expect(sent.role).toEqual({ 'curfew:role': { type: 'external_select', selected_option: role } });
  });
});

describe('who comes in', () => {
  const pending = snapshotOf('pending', 'omar', 0);

  it('comes to the card that waits, else to the first channel', () => {
    const [approvals, incidents] = pending.conversations;
    if (!approvals || !incidents) throw new Error('no channels');
    expect(whereTo({ conversations: [incidents, approvals] }, '')?.name).toBe('access-approvals');
    expect(whereTo({ conversations: [incidents] }, '')?.name).toBe('incidents');
    expect(whereTo(snapshotOf('start', 'omar', 0), '')?.name).toBe('access-approvals');
  });

  it('stays where they are, and finds App Home with Curfew', () => {
    expect(whereTo(pending, 'C0INC')?.name).toBe('incidents');
    expect(whereTo(pending, 'home')?.name).toBe('Curfew');
  });
});
