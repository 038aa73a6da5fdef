/** Forms → modal views, and what a modal can be answered with. Pure. */
import type { types } from '@slack/bolt';
import type { Card, Field, Form, Line, Option } from '../card.ts';
import { ACTION_PREFIX, bodyBlocks, plain } from './blocks.ts';
import { renderCard } from './render.ts';
import { cut } from './text.ts';

export const FORM_CALLBACK = `${ACTION_PREFIX}form`;
const NOTICE_CALLBACK = `${ACTION_PREFIX}notice`;
export const ROLE_ACTION = `${ACTION_PREFIX}role`;
const TEXT_ACTION = `${ACTION_PREFIX}text`;
const CHOICE_ACTION = `${ACTION_PREFIX}choice`;

const MAX_TITLE = 24;
const MAX_LABEL = 2000;
const MAX_PLACEHOLDER = 150;
const MAX_INPUT = 3000;
const MAX_OPTIONS = 100;
const MAX_OPTION_TEXT = 75;
const MAX_OPTION_VALUE = 150;
const MAX_FIELD_ERROR = 2000;

/** `private_metadata` carries the form's and the request's id and nothing else: it gives no authority. */
export function renderForm(form: Form): types.ModalView {
  return {
    type: 'modal',
    callback_id: FORM_CALLBACK,
    private_metadata: JSON.stringify({ form: form.id, about: form.about }),
    title: plain(form.title, MAX_TITLE),
    submit: plain(form.submit, MAX_TITLE),
    close: plain('Cancel', MAX_TITLE),
    blocks: [
      ...bodyBlocks(
        form.intro.map((line) => ({ kind: 'line', line })),
        { line: 1000, quote: 0 },
      ),
      ...form.fields.flatMap(fieldBlocks),
    ],
  };
}

/** Slack has no error beside a field when a form opens, so a small line right under the field says it. */
function fieldBlocks(field: Field): types.KnownBlock[] {
  const input: types.InputBlock = {
    type: 'input',
    block_id: field.id,
    label: plain(field.label, MAX_LABEL),
    optional: field.optional ?? false,
    element: elementOf(field),
    ...(field.hint ? { hint: plain(field.hint, MAX_LABEL) } : {}),
  };
  if (!field.error) return [input];
  return [input, { type: 'context', elements: [plain(`⚠ ${field.error}`, MAX_FIELD_ERROR)] }];
}

function elementOf(field: Field): types.PlainTextInput | types.ExternalSelect | types.StaticSelect {
  switch (field.kind) {
    case 'text':
      return textElement(field);
    case 'role':
      return roleElement(field);
    case 'choice':
      return choiceElement(field);
  }
}

function textElement(field: Extract<Field, { kind: 'text' }>): types.PlainTextInput {
  const maxLength = Math.min(Math.max(1, field.maxLength), MAX_INPUT);
  // What goes into an input is taken as it is, without entities.
  const value = field.value === undefined ? '' : cut(field.value, maxLength);
  return {
    type: 'plain_text_input',
    action_id: TEXT_ACTION,
    multiline: field.multiline ?? false,
    max_length: maxLength,
    ...(value === '' ? {} : { initial_value: value }),
    ...(field.placeholder ? { placeholder: plain(field.placeholder, MAX_PLACEHOLDER) } : {}),
  };
}

/** `min_query_length: 0`: the first roles show before anything is typed, so that people see what there is. */
function roleElement(field: Extract<Field, { kind: 'role' }>): types.ExternalSelect {
  const { value, valueLabel } = field;
  const chosen = value === undefined ? [] : renderOptions([{ label: valueLabel ?? value, value }]);
  return {
    type: 'external_select',
    action_id: ROLE_ACTION,
    min_query_length: 0,
    placeholder: plain('Type to find a role', MAX_PLACEHOLDER),
    ...(chosen[0] ? { initial_option: chosen[0] } : {}),
  };
}

/** https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element: what is chosen first is an option, whole. */
function choiceElement(field: Extract<Field, { kind: 'choice' }>): types.StaticSelect {
  const options = renderOptions(field.options);
  const chosen = options.find(({ value }) => value === field.value);
  return {
    type: 'static_select',
    action_id: CHOICE_ACTION,
    placeholder: plain(field.placeholder, MAX_PLACEHOLDER),
    options,
    ...(chosen ? { initial_option: chosen } : {}),
  };
}

/** A value too long for Slack cannot be cut and still mean the role: such an option is left out. */
export function renderOptions(options: readonly Option[]): types.PlainTextOption[] {
  return options
    .filter(({ value }) => value.length > 0 && value.length <= MAX_OPTION_VALUE)
    .slice(0, MAX_OPTIONS)
    .map((option) => ({
      text: plain(option.label, MAX_OPTION_TEXT),
      value: option.value,
      ...(option.description ? { description: plain(option.description, MAX_OPTION_TEXT) } : {}),
    }));
}

/** For `response_action: errors`: keyed by block, and the blocks are named after the fields. */
export function renderFormErrors(errors: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).map(([field, error]) => [field, cut(error, MAX_FIELD_ERROR) || '…']),
  );
}

/** A modal that only says something: what a submitted form turns into. */
export function renderNotice(content: { line: Line } | { card: Card }): types.ModalView {
  return {
    type: 'modal',
    callback_id: NOTICE_CALLBACK,
    title: plain('Curfew', MAX_TITLE),
    close: plain('Close', MAX_TITLE),
    blocks:
      'card' in content
        ? renderCard(content.card).blocks
        : bodyBlocks([{ kind: 'line', line: content.line }], { line: 3000, quote: 0 }),
  };
}
