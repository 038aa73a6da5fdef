/** Blocks as Slack keeps them. */
import { randomBytes } from 'node:crypto';
import type { Blocks } from '../protocol.ts';
import { isRecord, type Json, records } from './json.ts';

/** Slack names what the app did not name, so that every click can say where it was. */
export function withBlockIds(blocks: unknown): Blocks {
  return records(blocks).map((block) => ({
    ...block,
    block_id: block.block_id ?? randomBytes(4).toString('base64url').slice(0, 5),
  }));
}

/** The element of this name, in an actions block, beside a section, or in an input. */
export function findElement(blocks: Blocks, blockId: string, actionId: string): Json | null {
  const block = blocks.find((each) => each.block_id === blockId);
  if (!block) return null;
  const elements = [...records(block.elements), block.accessory, block.element].filter(isRecord);
  return elements.find((element) => element.action_id === actionId) ?? null;
}
