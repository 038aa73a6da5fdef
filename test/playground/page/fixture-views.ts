/** App Home and a form, as the bot sends them. */
import type { Blocks, ModalView } from '../../../src/playground/protocol.ts';
import { buttons, header, plainText, rich, smallPrint } from './fixture-blocks.ts';

export function homeOf(ends: number): Blocks {
  return [
    {
      ...buttons('Request access'),
      elements: [
        {
          type: 'button',
          action_id: 'curfew:new-request:0',
          style: 'primary',
          text: plainText('Request access'),
        },
      ],
    },
    header('My access'),
    rich([
      '🟢 ',
      { bold: 'Production database admin' },
      '\n',
      { bold: 'Live until ' },
      { until: ends },
      '.\n',
      'member of dba on prod-pg, as ',
      { code: 'ana' },
    ]),
    buttons("I'm done", 'Extend'),
    smallPrint('R-X9PD'),
    { type: 'divider' },
    header('My requests'),
    rich(['You have no request that waits for a decision.']),
    header('Waits for me'),
    rich(['Nothing waits for your decision.']),
  ];
}

export function formOf(faulty: boolean): ModalView {
  const input = (block_id: string, label: string, element: object, more: object = {}) => ({
    type: 'input',
    block_id,
    label: plainText(label),
    element,
    ...more,
  });
  const text = (more: object = {}) => ({
    type: 'plain_text_input',
    action_id: 'curfew:text',
    max_length: 500,
    ...more,
  });
  return {
    id: 'V0FORM',
    title: 'Request access',
    submit: 'Ask',
    close: 'Cancel',
    blocks: [
      input('role', 'What for', {
        type: 'external_select',
        action_id: 'curfew:role',
        min_query_length: 0,
        placeholder: plainText('Type to find a role'),
      }),
      ...(faulty
        ? [{ type: 'context', elements: [plainText('⚠ There is no role prod-dbx. Did you mean prod-dba?')] }]
        : []),
      input(
        'duration',
        'For how long',
        text({ max_length: 40, placeholder: plainText('1h'), ...(faulty ? { initial_value: '99h' } : {}) }),
        { hint: plainText('Such as 30m, 1h30m or until 18:00.') },
      ),
      input('reference', 'Incident or ticket', text(), {
        optional: true,
        hint: plainText('Such as INC-1042, or an https link.'),
      }),
      input('reason', 'Why', text({ multiline: true }), {
        hint: plainText('In your own words. The owners read it.'),
      }),
    ],
    errors: faulty ? { duration: 'At most 4 h for this role. You asked for 99 h.' } : {},
    busy: false,
  };
}

export const OPTIONS = [
  {
    text: plainText('Production database admin'),
    value: 'prod-dba',
    description: plainText('prod-dba: production, high risk'),
  },
  {
    text: plainText('Staging read'),
    value: 'staging-ro',
    description: plainText('staging-ro: staging, low risk'),
  },
] as const;
