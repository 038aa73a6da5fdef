import { describe, expect, test } from 'vitest';
import type { Form } from '../../../src/chat/card.ts';
import { renderForm, renderFormErrors, renderOptions } from '../../../src/chat/slack/render-form.ts';
import { optionsFaults, viewAnswerFaults, viewFaults } from '../../../src/playground/workspace/block-kit.ts';

const json = (value: unknown) => JSON.stringify(value);

describe('a form', () => {
  const form: Form = {
    id: 'request',
    title: 'Ask for access',
    submit: 'Ask',
    about: null,
    intro: [['Who asks gets an answer here.']],
    fields: [
      { id: 'role', kind: 'role', label: 'Role', value: 'prod-dba', valueLabel: 'Production <db> admin' },
      {
        id: 'duration',
        kind: 'text',
        label: 'How long',
        value: '9 days',
        maxLength: 20,
        error: 'At most 4 hours.',
      },
      { id: 'reason', kind: 'text', label: 'Why', multiline: true, maxLength: 500, hint: 'For the log.' },
    ],
  };

  test('opens with what was understood, and says what is wrong right under the field', () => {
    const view = renderForm(form);
    expect(viewFaults(view)).toEqual([]);
    const at = view.blocks.findIndex((block) => block.block_id === 'duration');
    expect(json(view.blocks[at])).toContain('"initial_value":"9 days"');
    expect(json(view.blocks[at + 1])).toContain('⚠ At most 4 hours.');
    expect(json(view.blocks)).toContain(
      '"initial_option":{"text":{"type":"plain_text","text":"Production &lt;db&gt; admin"',
    );
  });

  test('carries ids and nothing else', () => {
    expect(renderForm({ ...form, id: 'deny', about: 'R-7K3M' }).private_metadata).toBe(
      '{"form":"deny","about":"R-7K3M"}',
    );
  });

  test('takes hostile and endless words as they are', () => {
    const words = `<!channel> & ${'👩‍👩‍👧‍👦'.repeat(900)}`;
    const view = renderForm({
      ...form,
      title: words,
      submit: words,
      intro: [[words]],
      fields: [
        { id: 'role', kind: 'role', label: words, value: words, error: words },
        {
          id: 'reason',
          kind: 'text',
          label: words,
          hint: words,
          placeholder: words,
          value: words,
          maxLength: 500,
        },
      ],
    });
    expect(viewFaults(view)).toEqual([]);
    expect(json(view)).toContain('"initial_value":"<!channel> & ');
  });

  test('refuses a submission beside the field', () => {
    const errors = renderFormErrors({ reason: 'Say why.', duration: 'x'.repeat(5000), role: '' });
    expect(viewAnswerFaults({ response_action: 'errors', errors })).toEqual([]);
    expect(errors.reason).toBe('Say why.');
  });
});

test('of 5,000 roles at most 100 are offered, each within Slack’s limits', () => {
  const roles = Array.from({ length: 5000 }, (_, i) => ({
    label: `Role <${i}> ${'&'.repeat(i % 90)}`,
    value: `role-${i}`,
    description: 'd'.repeat(i % 200),
  }));
  const options = renderOptions([{ label: 'too long', value: 'x'.repeat(151) }, ...roles]);
  expect(optionsFaults({ options })).toEqual([]);
  expect(options).toHaveLength(100);
  expect(options[0]?.value).toBe('role-0');
});
