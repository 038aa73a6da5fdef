/** The arguments of a Web API call, from a form (all strings) or from JSON. */
import type { Blocks } from '../protocol.ts';
import { messageFaults } from './block-kit.ts';
import { withBlockIds } from './blocks.ts';
import { isRecord, type Json, parseJson } from './json.ts';
import { invalidArguments, SlackError } from './slack-error.ts';

/** '' where it is missing. */
export function text(args: Json, name: string): string {
  const value = args[name];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function required(args: Json, name: string): string {
  const value = text(args, name);
  if (value === '') throw invalidArguments(`[ERROR] missing required field: ${name}`);
  return value;
}

export function flag(args: Json, name: string): boolean {
  return args[name] === true || /^(true|1)$/.test(text(args, name));
}

/** A structure, which a form carries as JSON in a string. Undefined: missing, or not JSON. */
function structure(args: Json, name: string): unknown {
  const value = args[name];
  return typeof value === 'string' ? parseJson(value) : value;
}

export interface Content {
  readonly text: string;
  readonly blocks: Blocks;
}

/** What a message is to say; refused as Slack would refuse it. `note` hears of everything refused. */
export function content(args: Json, note: (fault: string) => void): Content {
  const hasBlocks = args.blocks !== undefined && args.blocks !== '' && args.blocks !== '[]';
  const blocks = structure(args, 'blocks');
  if (hasBlocks && !Array.isArray(blocks)) throw new SlackError('invalid_blocks_format');
  if (text(args, 'text') === '' && !hasBlocks) throw new SlackError('no_text');
  const faults = messageFaults({ text: text(args, 'text'), ...(hasBlocks ? { blocks } : {}) });
  for (const fault of faults) note(fault);
  if (faults.some((fault) => fault.includes('characters in all')))
    throw new SlackError('msg_blocks_too_long', { response_metadata: { messages: faults } });
  if (faults.length > 0) throw new SlackError('invalid_blocks', { response_metadata: { messages: faults } });
  return { text: text(args, 'text'), blocks: hasBlocks ? withBlockIds(blocks) : [] };
}

interface Page<T> {
  readonly items: readonly T[];
  /** '' after the last. */
  readonly next: string;
}

/** A page of `limit` items after `cursor`. https://docs.slack.dev/apis/web-api/pagination */
export function page<T>(
  all: readonly T[],
  args: Json,
  options: { key: (item: T) => string; max: number },
): Page<T> {
  const wanted = text(args, 'limit');
  const limit = wanted === '' ? 100 : Number(wanted);
  if (!Number.isInteger(limit) || limit < 1 || limit > options.max) throw new SlackError('invalid_limit');
  const cursor = text(args, 'cursor');
  const after = Buffer.from(cursor, 'base64').toString();
  const at = cursor === '' ? 0 : all.findIndex((item) => `after:${options.key(item)}` === after) + 1;
  if (cursor !== '' && at === 0) throw new SlackError('invalid_cursor');
  const items = all.slice(at, at + limit);
  const last = items.at(-1);
  const more = last !== undefined && at + limit < all.length;
  return { items, next: more ? Buffer.from(`after:${options.key(last)}`).toString('base64') : '' };
}

/** The `view` argument. */
export function viewArgument(args: Json): Json {
  const view = structure(args, 'view');
  if (!isRecord(view)) throw invalidArguments('[ERROR] missing required field: view');
  return view;
}
