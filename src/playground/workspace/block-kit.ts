/**
 * A strict Block Kit checker: what Slack's documentation allows, and of that only what Curfew uses. An
 * unknown block, element or key is a violation. https://docs.slack.dev/reference/block-kit
 */
import { z } from 'zod';

const MESSAGE_BLOCKS = 50;
const VIEW_BLOCKS = 100;
/** `msg_blocks_too_long`, undocumented, seen near this. */
const MESSAGE_CHARACTERS = 13_200;
const VIEW_BYTES = 250_000;

const ENTITY_OR_NONE = /&(?!amp;|lt;|gt;)/;
/** The only `<…>` that Curfew writes: a mention of one person, a date, a web link. */
const SPECIAL =
  /<(@[UW][A-Z0-9]+|!date\^\d+\^[^<>|]*\{[a-z_]+\}[^<>|]*(\^https?:[^<>|]+)?\|[^<>|]+|https?:\/\/[^<>|\s]+(\|[^<>|]+)?)>/g;

const escaped = (text: string) => !/[<>]/.test(text) && !ENTITY_OR_NONE.test(text);
const mrkdwnText = (text: string) => escaped(text.replace(SPECIAL, ''));

const plainText = (max: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(max).refine(escaped, 'plain text is not escaped'),
    emoji: z.boolean().optional(),
  });
const mrkdwn = (max: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(max).refine(mrkdwnText, 'mrkdwn has something unescaped in it'),
    verbatim: z.boolean().optional(),
  });
const textObject = (max: number) => z.union([plainText(max), mrkdwn(max)]);

const blockId = z.string().min(1).max(255).optional();
const actionId = z.string().min(1).max(255);

const confirm = z.strictObject({
  title: plainText(100),
  text: plainText(300),
  confirm: plainText(30),
  deny: plainText(30),
  style: z.enum(['primary', 'danger']).optional(),
});

const button = z.strictObject({
  type: z.literal('button'),
  action_id: actionId,
  text: plainText(75),
  value: z.string().min(1).max(2000).optional(),
  url: z.url().max(3000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm: confirm.optional(),
});

const option = z.strictObject({
  text: plainText(75),
  value: z.string().min(1).max(150),
  description: plainText(75).optional(),
});

const externalSelect = z.strictObject({
  type: z.literal('external_select'),
  action_id: actionId,
  min_query_length: z.int().min(0).optional(),
  placeholder: plainText(150).optional(),
  initial_option: option.optional(),
  focus_on_load: z.boolean().optional(),
});

const staticSelect = z
  .strictObject({
    type: z.literal('static_select'),
    action_id: actionId,
    options: z.array(option).min(1).max(100),
    placeholder: plainText(150).optional(),
    initial_option: option.optional(),
    focus_on_load: z.boolean().optional(),
  })
  .refine(
    ({ options, initial_option: initial }) =>
      !initial || options.some((each) => JSON.stringify(each) === JSON.stringify(initial)),
    'initial_option is none of the options',
  );

const textInput = z
  .strictObject({
    type: z.literal('plain_text_input'),
    action_id: actionId,
    multiline: z.boolean().optional(),
    min_length: z.int().min(0).max(3000).optional(),
    max_length: z.int().min(1).max(3000).optional(),
    initial_value: z.string().max(3000).optional(),
    placeholder: plainText(150).optional(),
    focus_on_load: z.boolean().optional(),
  })
  .refine(
    ({ initial_value: value = '', max_length: max = 3000 }) => value.length <= max,
    'initial_value is longer than max_length',
  );

const style = z.strictObject({
  bold: z.literal(true).optional(),
  italic: z.literal(true).optional(),
  strike: z.literal(true).optional(),
  code: z.literal(true).optional(),
});
/** No broadcast, group, channel or emoji: Curfew has no use for them, so one that appears was typed in. */
const richElement = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().min(1).max(3000), style: style.optional() }),
  z.strictObject({
    type: z.literal('user'),
    user_id: z.string().regex(/^[UW][A-Z0-9]+$/),
    style: style.optional(),
  }),
  z.strictObject({
    type: z.literal('link'),
    url: z.url({ protocol: /^https?$/ }).max(3000),
    text: z.string().min(1).max(3000).optional(),
    style: style.optional(),
  }),
  z.strictObject({
    type: z.literal('date'),
    timestamp: z.int().positive(),
    format: z.string().regex(/\{[a-z_]+\}/),
    fallback: z.string().min(1),
    style: style.optional(),
  }),
]);
const richText = z.strictObject({
  type: z.literal('rich_text'),
  block_id: blockId,
  elements: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(richElement).min(1) }),
        z.strictObject({ type: z.literal('rich_text_quote'), elements: z.array(richElement).min(1) }),
      ]),
    )
    .min(1),
});

const commonBlocks = [
  z.strictObject({ type: z.literal('header'), block_id: blockId, text: plainText(150) }),
  z.strictObject({ type: z.literal('divider'), block_id: blockId }),
  z.strictObject({
    type: z.literal('context'),
    block_id: blockId,
    elements: z.array(textObject(2000)).min(1).max(10),
  }),
  z
    .strictObject({
      type: z.literal('section'),
      block_id: blockId,
      text: textObject(3000).optional(),
      fields: z.array(textObject(2000)).min(1).max(10).optional(),
      accessory: button.optional(),
    })
    .refine(({ text, fields }) => Boolean(text ?? fields), 'a section needs text or fields'),
  z.strictObject({
    type: z.literal('actions'),
    block_id: blockId,
    elements: z
      .array(z.discriminatedUnion('type', [button, externalSelect]))
      .min(1)
      .max(25),
  }),
  richText,
] as const;

const input = z.strictObject({
  type: z.literal('input'),
  block_id: blockId,
  label: plainText(2000),
  hint: plainText(2000).optional(),
  optional: z.boolean().optional(),
  element: z.discriminatedUnion('type', [textInput, externalSelect, staticSelect]),
});

interface Identified {
  readonly block_id?: string | undefined;
  readonly elements?: unknown;
}

function idsAreUnique(blocks: readonly Identified[]): boolean {
  const blockIds = blocks.flatMap((block) => block.block_id ?? []);
  return allDifferent(blockIds) && blocks.every(({ elements }) => allDifferent(actionIds(elements)));
}

function actionIds(elements: unknown): string[] {
  if (!Array.isArray(elements)) return [];
  return elements.flatMap((element: { action_id?: string }) => element.action_id ?? []);
}

function allDifferent(ids: readonly string[]): boolean {
  return new Set(ids).size === ids.length;
}

const messageBlocks = z
  .array(z.discriminatedUnion('type', commonBlocks))
  .min(1)
  .max(MESSAGE_BLOCKS)
  .refine(idsAreUnique, 'block or action ids are not unique')
  .refine(
    (blocks) => JSON.stringify(blocks).length <= MESSAGE_CHARACTERS,
    `over ${MESSAGE_CHARACTERS} characters in all`,
  );
const viewBlocks = z
  .array(z.discriminatedUnion('type', [...commonBlocks, input]))
  .min(1)
  .max(VIEW_BLOCKS)
  .refine(idsAreUnique, 'block or action ids are not unique');

const message = z.looseObject({
  text: z.string().min(1).max(4000).refine(mrkdwnText, 'text has something unescaped in it'),
  blocks: messageBlocks.optional(),
});

const modal = z
  .strictObject({
    type: z.literal('modal'),
    title: plainText(24),
    submit: plainText(24).optional(),
    close: plainText(24).optional(),
    callback_id: z.string().min(1).max(255),
    private_metadata: z.string().max(3000).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    blocks: viewBlocks,
  })
  .refine(
    ({ submit, blocks }) => Boolean(submit) || !blocks.some(({ type }) => type === 'input'),
    'a modal with inputs needs submit',
  );
const home = z.strictObject({ type: z.literal('home'), blocks: viewBlocks });
const view = z
  .discriminatedUnion('type', [modal, home])
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= VIEW_BYTES, 'a view is over 250 KB');

const optionsAnswer = z.strictObject({ options: z.array(option).max(100) });
const fieldErrors = z.record(z.string().min(1).max(255), z.string().min(1));
const viewAnswer = z.discriminatedUnion('response_action', [
  z.strictObject({ response_action: z.literal('errors'), errors: fieldErrors }),
  z.strictObject({ response_action: z.literal('update'), view: modal }),
  z.strictObject({ response_action: z.literal('push'), view: modal }),
  z.strictObject({ response_action: z.literal('clear') }),
]);

/** What Slack would refuse, one sentence each; empty when it would take it. */
export function messageFaults(payload: unknown): string[] {
  return faults(message, payload);
}

export function viewFaults(payload: unknown): string[] {
  return faults(view, payload);
}

/** Answers to a `block_suggestion`. */
export function optionsFaults(payload: unknown): string[] {
  return faults(optionsAnswer, payload);
}

/** Answers to a `view_submission`. */
export function viewAnswerFaults(payload: unknown): string[] {
  return faults(viewAnswer, payload);
}

function faults(schema: z.ZodType, payload: unknown): string[] {
  const result = schema.safeParse(payload);
  if (result.success) return [];
  return result.error.issues.map((issue) => `${issue.path.join('.') || '(whole)'}: ${issue.message}`);
}
