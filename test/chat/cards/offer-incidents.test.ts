/** The request form offers the incidents that are open, and keeps room for what else it may be about. */
import { describe, expect, test } from 'vitest';
import type { Form } from '../../../src/chat/card.ts';
import { denyForm, incidentOf, offerIncidents, requestForm } from '../../../src/chat/cards/forms.ts';
import { renderForm } from '../../../src/chat/slack/render-form.ts';
import { renderForm as renderTeamsForm } from '../../../src/chat/teams/render-form.ts';
import { viewFaults } from '../../../src/playground/workspace/block-kit.ts';
import { cardFaults, type Json, nodesOf } from '../../support/adaptive-cards.ts';

describe('the request form, where incidents are open', () => {
  const open = [
    { label: 'INC-1042 Checkout is down', value: '17:INC-1042', description: 'sev1, payments' },
    { label: 'INC-7 Slow search', value: '18:INC-7' },
  ];
  const field = (form: Form, id: string) => form.fields.find((each) => each.id === id);

  test('offers them first, beside the field for whatever else it may be about', () => {
    const form = offerIncidents(requestForm(), open);
    expect(form.fields.map(({ id }) => id)).toEqual(['role', 'duration', 'incident', 'reference', 'reason']);
    expect(field(form, 'incident')).toMatchObject({ kind: 'choice', optional: true, options: open });
    expect(viewFaults(renderForm(form))).toEqual([]);
  });

  test('is as it was where none is open, and no other form offers any', () => {
    expect(offerIncidents(requestForm(), [])).toEqual(requestForm());
    expect(offerIncidents(denyForm('R-7K3M'), open)).toEqual(denyForm('R-7K3M'));
  });

  test('has the one chosen that was named already', () => {
    const form = offerIncidents(requestForm({ values: { reference: 'INC-7' } }), open);
    expect(field(form, 'incident')?.value).toBe('18:INC-7');
    expect(field(form, 'reference')).not.toHaveProperty('value');
    expect(viewFaults(renderForm(form))).toEqual([]);
    const ticket = offerIncidents(requestForm({ values: { reference: 'JIRA-88' } }), open);
    expect(field(ticket, 'incident')).not.toHaveProperty('value');
    expect(field(ticket, 'reference')?.value).toBe('JIRA-88');
  });

  test('comes again with what was chosen and what was written, though it is offered no more', () => {
    const again = requestForm({ values: { reference: 'JIRA-88' }, problems: { reference: 'Not both.' } });
    const form = offerIncidents(again, [], '17:INC-1042');
    expect(field(form, 'incident')).toMatchObject({ value: '17:INC-1042' });
    expect(field(form, 'reference')).toMatchObject({ value: 'JIRA-88', error: 'Not both.' });
    expect(viewFaults(renderForm(form))).toEqual([]);
  });

  test.each(['', '17', 'x:INC-1042', '17:', '12345678901:INC-1'])('takes %o for no choice', (value) => {
    expect(incidentOf(value)).toBeNull();
  });
});

describe('the same form', () => {
  const words = '<!channel> & <at>Everyone</at> [x](http://evil.test)';
  const long = '👩‍👩‍👧‍👦'.repeat(300);
  const options = [
    { label: 'INC-1042 Checkout is down', value: '17:INC-1042', description: 'sev1, open for 5 min' },
    { label: 'INC-7 Slow search', value: '18:INC-7' },
    ...Array.from({ length: 23 }, (_, n) => ({
      label: `INC-${n} ${words}${long}`,
      value: `${n + 100}:INC-${n}`,
      description: words + long,
    })),
  ];
  const form = offerIncidents(requestForm({ values: { reference: 'INC-1042' } }), options);

  test('is a menu in Slack, with the small print beside each', () => {
    const view = renderForm(form);
    expect(viewFaults(view)).toEqual([]);
    const block = view.blocks.find(({ block_id }) => block_id === 'incident');
    const [first] = renderForm(offerIncidents(requestForm(), options.slice(0, 1))).blocks.flatMap((each) =>
      'element' in each && each.element.type === 'static_select' ? (each.element.options ?? []) : [],
    );
    expect(first).toMatchObject({
      text: { text: 'INC-1042 Checkout is down' },
      description: { text: 'sev1, open for 5 min' },
      value: '17:INC-1042',
    });
    expect(block).toMatchObject({ optional: true, element: { initial_option: { value: '17:INC-1042' } } });
  });

  test('is a list to find something in, in Teams', () => {
    const card = renderTeamsForm(form, { as: 'dialog', roles: [] });
    expect(cardFaults(card)).toEqual([]);
    const input: Json = nodesOf(card).find(({ id }) => id === 'incident') ?? {};
    expect(input).toMatchObject({ type: 'Input.ChoiceSet', style: 'filtered', value: '17:INC-1042' });
    expect(input).not.toHaveProperty('isRequired');
    expect(input).not.toHaveProperty('choices.data');
    const choices = input.choices as Json[];
    expect(choices).toHaveLength(25);
    expect(choices[0]).toEqual({
      title: 'INC-1042 Checkout is down (sev1, open for 5 min)',
      value: '17:INC-1042',
    });
    expect(new Set(choices.map(({ title }) => title)).size).toBe(25);
    expect(JSON.stringify(choices)).not.toContain('<at>');
  });
});
