/** A field of a form with its label, its hint and, beside it, what is wrong with it. */
import type { Option } from '../../protocol.ts';
import type { InputBlock } from '../blocks/block-types.ts';
import { unescaped } from '../words/mrkdwn.ts';
import { optionOf, type Typed, textOf } from './form-values.ts';
import { type LoadOptions, SelectField } from './select-field.tsx';
import { TextField } from './text-field.tsx';

interface Props {
  readonly block: InputBlock & { readonly block_id: string };
  readonly scope: string;
  readonly typed: Typed;
  readonly error: string | undefined;
  /** Id of small print that the bot put right below it. */
  readonly note: string | null;
  readonly onValue: (value: string | Option | null) => void;
  readonly load: LoadOptions;
}

export function Field({ block, scope, typed, error, note, onValue, load }: Props) {
  const id = `${scope}-${block.block_id}`;
  const described = [error ? `${id}-error` : null, block.hint ? `${id}-hint` : null, note];
  const common = {
    id,
    required: !block.optional,
    invalid: error !== undefined,
    describedBy: described.filter((each) => each !== null).join(' ') || undefined,
    onValue,
  };
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {unescaped(block.label.text)}
        {block.optional ? <span className="field-optional"> (optional)</span> : null}
      </label>
      {block.element.type === 'plain_text_input' ? (
        <TextField {...common} element={block.element} value={textOf(block, typed)} />
      ) : (
        <SelectField
          {...common}
          element={block.element}
          value={optionOf(block, typed)}
          load={block.element.type === 'static_select' ? among(block.element.options) : load}
        />
      )}
      {error ? (
        <p className="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      ) : null}
      {block.hint ? (
        <p className="field-hint" id={`${id}-hint`}>
          {unescaped(block.hint.text)}
        </p>
      ) : null}
    </div>
  );
}

/** What is there to choose from, as far as it fits what is typed. */
function among(options: readonly Option[]): LoadOptions {
  return async (_, typed) =>
    options.filter(({ text }) => unescaped(text.text).toLowerCase().includes(typed.toLowerCase()));
}
