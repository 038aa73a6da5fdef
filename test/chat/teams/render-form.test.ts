import { describe, expect, test } from 'vitest';
import type { Form, Option } from '../../../src/chat/card.ts';
import { denyForm, requestForm } from '../../../src/chat/cards/forms.ts';
import { renderForm } from '../../../src/chat/teams/render-form.ts';
import { cardFaults, cardText, type Json, nodesOf } from '../../support/adaptive-cards.ts';

const roles: Option[] = Array.from({ length: 5000 }, (_, i) => ({ label: `Role ${i}`, value: `role-${i}` }));
const filled = requestForm({
  values: { role: 'prod-dba', duration: '9 days', reason: 'failing over' },
  problems: { duration: 'At most 4 h.' },
  roleLabel: 'Production database admin',
});

function input(card: Json, id: string): Json {
  return nodesOf(card).find((node) => node.id === id) ?? {};
}

describe('a form', () => {
  const dialog = renderForm(filled, { as: 'dialog', roles });

  test('opens with what was understood, and says what is wrong right under the field', () => {
    expect(cardFaults(dialog)).toEqual([]);
    expect(cardText(dialog).split('\n')).toEqual([
      'What for: prod-dba',
      'For how long: 9 days',
      '⚠ At most 4 h.',
      'Such as 30m, 1h30m or until 18:00.',
      'Incident or ticket: ',
      'Such as INC-1042, or an https link.',
      'Why: failing over',
      'In your own words. The owners read it.',
      '[Ask]',
    ]);
    expect(input(dialog, 'reason')).toMatchObject({ isMultiline: true, maxLength: 500, isRequired: true });
    expect(input(dialog, 'reference')).not.toHaveProperty('isRequired');
  });

  test('offers the first roles, the chosen one among them, and asks for more as people type', () => {
    const role = input(dialog, 'role');
    const choices = role.choices as Option[];
    expect(role).toMatchObject({ style: 'filtered', value: 'prod-dba' });
    expect(choices[0]).toEqual({ title: 'Production database admin', value: 'prod-dba' });
    expect(choices).toHaveLength(15);
    expect(role['choices.data']).toEqual({ type: 'Data.Query', dataset: 'roles' });
  });

  test('tells roles of one title apart', () => {
    const twins = [
      { label: 'Admin', value: 'a' },
      { label: 'Admin', value: 'b' },
    ];
    const choices = input(renderForm(requestForm(), { as: 'dialog', roles: twins }), 'role')
      .choices as Json[];
    expect(choices.map(({ title }) => title)).toEqual(['Admin', 'Admin (b)']);
  });

  test('lets people type a role’s name where there is none to choose from', () => {
    const card = renderForm(requestForm(), { as: 'dialog', roles: [] });
    expect(cardFaults(card)).toEqual([]);
    expect(input(card, 'role').type).toBe('Input.Text');
  });

  test('in a dialog is submitted, in a message executed, and carries ids and nothing else', () => {
    const data = { v: 1, do: 'form', form: 'deny', about: 'R-7K3M' };
    const inDialog = renderForm(denyForm('R-7K3M'), { as: 'dialog', roles });
    expect(inDialog.actions).toEqual([{ type: 'Action.Submit', title: 'Deny', style: 'destructive', data }]);
    const inMessage = renderForm(denyForm('R-7K3M'), { as: 'message', roles });
    expect(inMessage.actions).toMatchObject([
      { type: 'Action.Execute', verb: 'curfew.form', data, fallback: { type: 'Action.Submit', data } },
      { title: 'Back' },
    ]);
    expect(cardFaults(inMessage)).toEqual([]);
    expect(cardText(inMessage)).toMatch(/^Deny\nThis denies R-7K3M\.\nWhy: /);
    // What is filled in has to be sent along.
    const [submit] = inMessage.actions as Json[];
    expect(JSON.stringify([inDialog, submit])).not.toContain('associatedInputs');
  });

  test('in a message leads back to the card that it took the place of, though nothing is filled in', () => {
    const [, back] = renderForm(denyForm('R-7K3M'), { as: 'message', roles }).actions as Json[];
    const data = { v: 1, do: 'look', about: 'R-7K3M' };
    expect(back).toMatchObject({ title: 'Back', verb: 'curfew.look', data, associatedInputs: 'none' });
    expect(renderForm(requestForm(), { as: 'message', roles }).actions).toHaveLength(1);
  });

  test('takes hostile and endless words as they are', () => {
    const words = `<at>Everyone</at> {{DATE(2017-02-14T06:08:39Z)}} [x](http://evil.test) ${'👩‍👩‍👧‍👦'.repeat(900)}`;
    const form: Form = {
      ...filled,
      title: words,
      submit: words,
      intro: [[words]],
      fields: filled.fields.map((field) => ({
        ...field,
        label: words,
        hint: words,
        error: words,
        value: words,
      })),
    };
    for (const as of ['dialog', 'message'] as const) {
      const many = roles.map(({ value }) => ({ label: `${words}${value}`, value }));
      const card = renderForm(form, { as, roles: many });
      expect(cardFaults(card)).toEqual([]);
      expect(input(card, 'reason').value).toMatch(/^<at>Everyone<\/at> \{\{DATE/);
      const shown = nodesOf(card).flatMap(({ type, text }) => (type === 'TextRun' ? [text] : []));
      expect(shown.join()).not.toMatch(/\{\{DATE|<at>/);
    }
  });
});
