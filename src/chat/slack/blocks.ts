/** The pieces that messages, forms and the home page share: buttons, bodies, small print. */
import type { types } from '@slack/bolt';
import type { Action, CardElement, Line } from '../card.ts';
import { toMrkdwn, toRichText } from './spans.ts';
import { cut, escapeWithin } from './text.ts';

/** https://docs.slack.dev/reference/block-kit/blocks, elements and composition objects. */
export const LIMITS = {
  header: 150,
  contextText: 2000,
  buttonText: 75,
  buttonsInBlock: 25,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  blockId: 255,
} as const;

/** Longest line, fact and quotation; smaller ones are tried when a message is over Slack's total. */
export interface Budget {
  readonly line: number;
  readonly quote: number;
}

export const ACTION_PREFIX = 'curfew:';

/** `emoji: false`, so that a typed `:white_check_mark:` stays letters. */
export function plain(text: string, max: number): types.PlainTextElement {
  return { type: 'plain_text', text: escapeWithin(text, max) || '…', emoji: false };
}

export function headerBlock(text: string, blockId?: string): types.HeaderBlock {
  return {
    type: 'header',
    text: plain(text, LIMITS.header),
    ...(blockId ? { block_id: blockId } : {}),
  };
}

/** Neighbouring lines, facts and quotations share one rich text block. */
export function bodyBlocks(body: readonly CardElement[], budget: Budget): types.KnownBlock[] {
  const blocks: types.KnownBlock[] = [];
  for (const element of body) {
    if (element.kind === 'actions') blocks.push(...actionBlocks(element.actions));
    else if (element.kind === 'divider') blocks.push({ type: 'divider' });
    else addText(openRichText(blocks), element, budget);
  }
  return blocks.filter((block) => block.type !== 'rich_text' || block.elements.length > 0);
}

function openRichText(blocks: types.KnownBlock[]): types.RichTextBlock {
  const last = blocks.at(-1);
  if (last?.type === 'rich_text') return last;
  const opened: types.RichTextBlock = { type: 'rich_text', elements: [] };
  blocks.push(opened);
  return opened;
}

function addText(
  block: types.RichTextBlock,
  element: Exclude<CardElement, { kind: 'actions' | 'divider' }>,
  budget: Budget,
): void {
  if (element.kind === 'quote') {
    const text = cut(element.text.trim(), budget.quote);
    if (text !== '') block.elements.push({ type: 'rich_text_quote', elements: [{ type: 'text', text }] });
    return;
  }
  const lines: Line[] =
    element.kind === 'line'
      ? [element.line]
      : element.facts.map(({ label, value }) => [{ bold: `${label}:` }, ' ', ...value]);
  for (const line of lines) addLine(block, line, budget.line);
}

/** Lines follow each other within one section, as in a message that a person wrote. */
function addLine(block: types.RichTextBlock, line: Line, max: number): void {
  const elements = toRichText(line, max);
  if (elements.length === 0) return;
  const last = block.elements.at(-1);
  if (last?.type === 'rich_text_section') last.elements.push({ type: 'text', text: '\n' }, ...elements);
  else block.elements.push({ type: 'rich_text_section', elements });
}

export function actionBlocks(actions: readonly Action[]): types.ActionsBlock[] {
  const blocks: types.ActionsBlock[] = [];
  for (let start = 0; start < actions.length; start += LIMITS.buttonsInBlock) {
    const { verb, id } = actions[start] ?? { verb: '', id: '' };
    blocks.push({
      type: 'actions',
      // The same after every redraw, so that a press on a copy from a moment ago still finds its button.
      block_id: cut(`${ACTION_PREFIX}${verb}:${id}:${start}`, LIMITS.blockId),
      elements: actions.slice(start, start + LIMITS.buttonsInBlock).map(button),
    });
  }
  return blocks;
}

/** The number makes action ids unique within a block; only the verb has a meaning. */
function button(action: Action, index: number): types.Button {
  return {
    type: 'button',
    action_id: `${ACTION_PREFIX}${action.verb}:${index}`,
    value: action.id,
    text: plain(action.label, LIMITS.buttonText),
    ...(action.style ? { style: action.style } : {}),
    ...(action.confirm ? { confirm: confirmation(action.confirm, action.style) } : {}),
  };
}

function confirmation(
  confirm: NonNullable<Action['confirm']>,
  style: Action['style'],
): types.ConfirmationDialog {
  return {
    title: plain(confirm.title, LIMITS.confirmTitle),
    text: plain(confirm.text, LIMITS.confirmText),
    confirm: plain(confirm.yes, LIMITS.confirmButton),
    deny: plain('Not now', LIMITS.confirmButton),
    ...(style ? { style } : {}),
  };
}

export function footerBlocks(footer: Line): types.ContextBlock[] {
  const text = toMrkdwn(footer, LIMITS.contextText);
  if (text.trim() === '') return [];
  return [{ type: 'context', elements: [{ type: 'mrkdwn', text, verbatim: true }] }];
}
