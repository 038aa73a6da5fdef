/** Blocks as the bot sends them. */
import type { Blocks } from '../../../src/playground/protocol.ts';

export type Text = string | { bold: string } | { code: string } | { until: number } | { quote: string };

export const plainText = (text: string) => ({ type: 'plain_text' as const, text });
export const header = (text: string) => ({
  type: 'header',
  text: { type: 'plain_text', text, emoji: false },
});

export const buttons = (...labels: string[]) => ({
  type: 'actions',
  block_id: `actions-${labels.join('-')}`,
  elements: labels.map((label, index) => ({
    type: 'button',
    action_id: `curfew:${label.toLowerCase().replaceAll(' ', '-')}:${index}`,
    text: { type: 'plain_text', text: label },
    ...(['Approve', "I'm done"].includes(label) ? { style: 'primary' } : {}),
    ...(['Deny', 'Revoke'].includes(label) ? { style: 'danger' } : {}),
    ...(label === 'Revoke' ? { confirm: CONFIRM } : {}),
  })),
});

const CONFIRM = {
  title: plainText('Take this access away now?'),
  text: plainText('Ana loses Production database admin at once. Open sessions are cut.'),
  confirm: plainText('Revoke'),
  deny: plainText('Not now'),
  style: 'danger',
};

export function rich(...lines: Text[][]): Blocks[number] {
  const elements: { type: string; elements: object[] }[] = [];
  for (const line of lines) {
    const last = elements.at(-1);
    const [first] = line;
    if (typeof first === 'object' && 'quote' in first) {
      elements.push({ type: 'rich_text_quote', elements: [{ type: 'text', text: first.quote }] });
    } else if (last?.type === 'rich_text_section') last.elements.push(...['\n', ...line].map(span));
    else elements.push({ type: 'rich_text_section', elements: line.map(span) });
  }
  return { type: 'rich_text', elements };
}

function span(text: Text) {
  if (typeof text === 'string') return { type: 'text', text };
  if ('bold' in text) return { type: 'text', text: text.bold, style: { bold: true } };
  if ('code' in text) return { type: 'text', text: text.code, style: { code: true } };
  if ('quote' in text) return { type: 'text', text: text.quote };
  return {
    type: 'date',
    timestamp: Math.floor(text.until / 1000),
    format: '{date_short_pretty} {time}',
    fallback: 'later',
  };
}

export const smallPrint = (text: string) => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text, verbatim: true }],
});
