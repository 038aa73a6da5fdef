/** What comes in from the page, checked: nothing is taken on trust, though only this machine can send it. */
import { z } from 'zod';
import type { Act, FieldValue, Handle } from './protocol.ts';
import { PEOPLE } from './town.ts';

/** As much as Slack lets anybody type; the platform's own limits are the workspace's business. */
const MOST_CHARACTERS = 12_000;
const MOST_FIELDS = 100;

const id = z.string().min(1).max(255);
const text = z.string().max(MOST_CHARACTERS);
const plainText = z.strictObject({ type: z.literal('plain_text'), text });

const fieldValue: z.ZodType<FieldValue> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('plain_text_input'), value: text.nullable() }),
  z.strictObject({
    type: z.literal(['external_select', 'static_select']),
    selected_option: z
      .strictObject({ text: plainText, value: text, description: plainText.optional() })
      .nullable(),
  }),
]);

function few<T>(values: z.ZodType<T>) {
  return z
    .record(id, values)
    .refine((record) => Object.keys(record).length <= MOST_FIELDS, 'too many fields');
}

export const actSchema: z.ZodType<Act> = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('say'), conversation: id, text }),
  z.strictObject({
    do: z.literal('click'),
    conversation: id,
    ts: id.nullable(),
    blockId: id,
    actionId: id,
  }),
  z.strictObject({ do: z.literal('options'), view: id, blockId: id, actionId: id, typed: text }),
  z.strictObject({ do: z.literal('submit'), view: id, values: few(few(fieldValue)) }),
  z.strictObject({ do: z.literal('close-modal'), view: id }),
  z.strictObject({ do: z.literal('open-home') }),
  z.strictObject({ do: z.literal('read'), conversation: id }),
  z.strictObject({ do: z.literal('advance'), seconds: z.literal([300, 3600]) }),
  z.strictObject({
    do: z.literal('fault'),
    fault: z.enum(['targetDown', 'targetSlow', 'slackDown', 'flakyNetwork', 'webhooksLost']),
    on: z.boolean(),
  }),
  z.strictObject({
    do: z.literal('incident'),
    what: z.enum(['open', 'acknowledge', 'resolve', 'reopen']),
  }),
  z.strictObject({ do: z.literal('kill-bot') }),
  z.strictObject({ do: z.literal('dismiss-hint') }),
]);

/** Null: nobody of that name is here. */
export function handleOf(name: string | null): Handle | null {
  return PEOPLE.find(({ handle }) => handle === name)?.handle ?? null;
}
