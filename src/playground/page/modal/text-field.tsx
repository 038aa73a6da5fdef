import type { TextInputElement } from '../blocks/block-types.ts';
import { unescaped } from '../words/mrkdwn.ts';

interface Props {
  readonly id: string;
  readonly element: TextInputElement;
  readonly value: string;
  readonly required: boolean;
  readonly invalid: boolean;
  readonly describedBy: string | undefined;
  readonly onValue: (value: string) => void;
}

export function TextField({ id, element, value, required, invalid, describedBy, onValue }: Props) {
  const common = {
    id,
    className: 'field-input',
    value,
    maxLength: element.max_length,
    placeholder: element.placeholder ? unescaped(element.placeholder.text) : undefined,
    'aria-required': required,
    'aria-invalid': invalid,
    'aria-describedby': describedBy,
    autoComplete: 'off',
  };
  return element.multiline ? (
    <textarea {...common} rows={3} onChange={(event) => onValue(event.target.value)} />
  ) : (
    <input {...common} type="text" onChange={(event) => onValue(event.target.value)} />
  );
}
