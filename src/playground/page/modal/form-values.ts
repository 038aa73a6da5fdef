/** What is in a form: kept by block id while somebody types, sent as Slack's `view.state.values`. Pure. */
import type { FieldValue, Option } from '../../protocol.ts';
import type { InputBlock } from '../blocks/block-types.ts';

type Input = InputBlock & { readonly block_id: string };
/** What somebody has changed; what is not in it still is as the form opened. */
export type Typed = Readonly<Record<string, string | Option | null>>;
export type Values = Readonly<Record<string, Readonly<Record<string, FieldValue>>>>;

export const REQUIRED = 'Please complete this required field.';

export function textOf({ block_id, element }: Input, typed: Typed): string {
  const value =
    block_id in typed ? typed[block_id] : element.type === 'plain_text_input' ? element.initial_value : '';
  return typeof value === 'string' ? value : '';
}

export function optionOf({ block_id, element }: Input, typed: Typed): Option | null {
  const value =
    block_id in typed ? typed[block_id] : element.type === 'plain_text_input' ? null : element.initial_option;
  return typeof value === 'object' && value !== null ? value : null;
}

/** What the form's answer may hold of an option; the bot's own may hold more, such as `emoji`. */
function bare(option: Option | null): Option | null {
  if (!option) return null;
  const { text, value, description } = option;
  const plain = ({ text }: Option['text']): Option['text'] => ({ type: 'plain_text', text });
  return { text: plain(text), value, ...(description ? { description: plain(description) } : {}) };
}

/** As Slack itself does before it asks the app. By block id. */
export function missing(inputs: readonly Input[], typed: Typed): Record<string, string> {
  const empty = inputs.filter((input) => {
    if (input.optional) return false;
    return input.element.type === 'plain_text_input'
      ? textOf(input, typed).trim() === ''
      : !optionOf(input, typed);
  });
  return Object.fromEntries(empty.map(({ block_id }) => [block_id, REQUIRED]));
}

export function valuesOf(inputs: readonly Input[], typed: Typed): Values {
  return Object.fromEntries(
    inputs.map((input) => {
      const value: FieldValue =
        input.element.type === 'plain_text_input'
          ? { type: 'plain_text_input', value: textOf(input, typed) || null }
          : { type: input.element.type, selected_option: bare(optionOf(input, typed)) };
      return [input.block_id, { [input.element.action_id]: value }];
    }),
  );
}
