/**
 * How the command line speaks to a running Curfew: one request a connection, lines of JSON both ways.
 *
 *   → {"v":1,"method":"grants","asked":{...}}
 *   ← {"wait":true}            every few seconds while it works
 *   ← {"line":"..."}           of an export, any number
 *   ← {"answer":...}           last, or
 *   ← {"failure":"..."}        last, a sentence for people
 *
 * A connection that closes without one of the last two was cut.
 */
import { z } from 'zod';
import { requests } from './ledger-service.ts';

export const PROTOCOL = 1;
export const LONGEST_REQUEST = 64 * 1024;
/** 10,000 grants with the longest errors and notes fit. */
export const LONGEST_REPLY = 64 * 1024 * 1024;
export const WAIT_EVERY_MS = 2_000;
/** Without a line for so long, the other side is taken to be gone. */
export const SILENCE_MS = 15_000;

const method = <M extends string, S extends z.ZodType>(name: M, asked: S) =>
  z.strictObject({ v: z.literal(PROTOCOL), method: z.literal(name), asked });

const exportAsked = z.strictObject({ after: z.int().nonnegative() });

export const requestSchema = z.discriminatedUnion('method', [
  method('grants', requests.grants),
  method('revoke', requests.revoke),
  method('freeze', requests.freeze),
  method('freeze_status', requests.freeze_status),
  method('verify', requests.verify),
  method('head', requests.head),
  method('accounts', requests.accounts),
  method('unlink', requests.unlink),
  method('export', exportAsked),
]);
export type ControlRequest = z.infer<typeof requestSchema>;

export const replySchema = z.union([
  z.strictObject({ wait: z.literal(true) }),
  z.strictObject({ line: z.string() }),
  z.strictObject({ answer: z.unknown() }),
  z.strictObject({ failure: z.string() }),
]);
export type ControlReply = z.infer<typeof replySchema>;
