/** Card model → Block Kit. Pure; whatever is put in, what comes out is within Slack's limits. */
import type { types } from '@slack/bolt';
import type { Reply } from '../../../commands/command.ts';
import { type Card, type Home, type Line, TONE_SYMBOL } from '../card.ts';
import { actionBlocks, type Budget, bodyBlocks, footerBlocks, headerBlock, LIMITS } from './blocks.ts';
import { toPlainText } from './spans.ts';
import { cut, escapeWithin } from './text.ts';

export interface SlackMessage {
  /** What notifications and screen readers say. */
  readonly text: string;
  readonly blocks: types.KnownBlock[];
}

const MAX_TEXT = 3000;
const MAX_MESSAGE_BLOCKS = 50;
const MAX_HOME_BLOCKS = 100;
/** Slack refuses near 13,200 characters over all blocks (`msg_blocks_too_long`, undocumented, seen). */
const MAX_MESSAGE_CHARACTERS = 12_000;
/** A view may weigh 250 KB; four bytes a character at worst. */
const MAX_HOME_CHARACTERS = 60_000;

const TOO_LONG: Card['body'][number] = { kind: 'line', line: ['… and more, which does not fit here.'] };
const TIGHT: Budget = { line: 100, quote: 0 };
const FULL: Budget = { line: 3000, quote: 3000 };
/** Quotations give way first, then lines. */
const BUDGETS: readonly Budget[] = [
  FULL,
  ...[1500, 500, 100].map((quote) => ({ line: 3000, quote })),
  { line: 300, quote: 0 },
  TIGHT,
];

/** `marker` becomes the first block's id, by which `find` knows the message again. */
export function renderCard(card: Card, options: { marker?: string } = {}): SlackMessage {
  const text = escapeWithin(card.summary || card.title, MAX_TEXT) || '…';
  for (const budget of BUDGETS) {
    const blocks = cardBlocks(card, budget, options.marker);
    if (fits(blocks)) return { text, blocks };
  }
  return { text, blocks: asMuchAsFits(card, options.marker) };
}

/** The longest beginning of the body that fits, by halving. */
function asMuchAsFits(card: Card, marker?: string): types.KnownBlock[] {
  let best = cardBlocks({ ...card, body: [TOO_LONG] }, TIGHT, marker);
  let [fitting, failing] = [0, card.body.length];
  while (failing - fitting > 1) {
    const middle = Math.floor((fitting + failing) / 2);
    const body = [...card.body.slice(0, middle), TOO_LONG];
    const blocks = cardBlocks({ ...card, body }, TIGHT, marker);
    if (fits(blocks)) [fitting, best] = [middle, blocks];
    else failing = middle;
  }
  return best;
}

function cardBlocks(card: Card, budget: Budget, marker?: string): types.KnownBlock[] {
  return [
    headerBlock(`${TONE_SYMBOL[card.tone]} ${card.title}`, marker?.slice(0, LIMITS.blockId)),
    ...bodyBlocks(card.body, budget),
    ...actionBlocks(card.actions),
    ...footerBlocks(card.footer),
  ];
}

function fits(blocks: readonly types.KnownBlock[]): boolean {
  return blocks.length <= MAX_MESSAGE_BLOCKS && JSON.stringify(blocks).length <= MAX_MESSAGE_CHARACTERS;
}

/** One line, such as an entry of a card's timeline or an answer. */
export function renderLine(line: Line, options: { marker?: string } = {}): SlackMessage {
  const text = escapeWithin(toPlainText(line), MAX_TEXT) || '…';
  const [block = { type: 'divider' }] = bodyBlocks([{ kind: 'line', line }], FULL);
  return {
    text,
    blocks: [options.marker ? { ...block, block_id: cut(options.marker, LIMITS.blockId) } : block],
  };
}

/** A reply that is shown as a message; null for those that are not. */
export function renderReply(reply: Reply): SlackMessage | null {
  if (reply.kind === 'text') return renderLine(reply.line);
  return reply.kind === 'card' ? renderCard(reply.card) : null;
}

/** Slack takes no two blocks of one id: one request may stand in two sections. */
function withOwnIds(blocks: readonly types.KnownBlock[]): types.KnownBlock[] {
  const seen = new Set<string>();
  return blocks.map((block, index) => {
    if (block.block_id === undefined) return block;
    const id = seen.has(block.block_id) ? `${block.block_id}:${index}` : block.block_id;
    seen.add(id);
    return { ...block, block_id: id };
  });
}

export function renderHome(home: Home): types.HomeView {
  const blocks: types.KnownBlock[] = actionBlocks(home.actions);
  for (const [index, section] of home.sections.entries()) {
    // Later sections keep room for their title and one line.
    const room = MAX_HOME_BLOCKS - 3 * (home.sections.length - index - 1);
    blocks.push(...sectionBlocks(section, { blocks: room - blocks.length, used: blocks }));
  }
  return { type: 'home', blocks: withOwnIds(blocks.slice(0, MAX_HOME_BLOCKS)) };
}

function sectionBlocks(
  section: Home['sections'][number],
  room: { blocks: number; used: readonly types.KnownBlock[] },
): types.KnownBlock[] {
  const blocks: types.KnownBlock[] = [headerBlock(section.title)];
  if (section.cards.length === 0) return [...blocks, ...lineBlocks(section.empty)];
  for (const [index, card] of section.cards.entries()) {
    const next = homeCardBlocks(card);
    const weight = JSON.stringify([room.used, blocks, next]).length;
    if (blocks.length + next.length + 1 > room.blocks || weight > MAX_HOME_CHARACTERS) {
      return [...blocks, ...lineBlocks(`… and ${section.cards.length - index} more, which do not fit here.`)];
    }
    blocks.push(...next);
  }
  return blocks;
}

/** No headers of their own, so that the sections stand out. */
function homeCardBlocks(card: Card): types.KnownBlock[] {
  const title: Line = [`${TONE_SYMBOL[card.tone]} `, { bold: card.title }];
  return [
    ...bodyBlocks([{ kind: 'line', line: title }, ...card.body], { line: 1000, quote: 500 }),
    ...actionBlocks(card.actions),
    ...footerBlocks(card.footer),
    { type: 'divider' },
  ];
}

function lineBlocks(text: string): types.KnownBlock[] {
  return bodyBlocks([{ kind: 'line', line: [text] }], FULL);
}
