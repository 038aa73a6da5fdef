/** Forms → Adaptive Cards: in a dialog where the client opens one, else as inputs in a message. Pure. */
import type { Field, Form, FormId, Option } from '../card.ts';
import { execute, formSubmit, lookAction, titled } from './actions.ts';
import { type AdaptiveCard, adaptiveCard, fits } from './render.ts';
import { createMentions, type Element, type TextLook, textElement } from './spans.ts';
import { cut, inert, inertMarkdown, withPlainStart } from './text.ts';
import { ROLES_DATASET, WIRE_VERSION, type Wire } from './wire.ts';

/** https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search */
const MAX_CHOICES = 15;
/** Of a choice that asks the bot for nothing. */
const MAX_OFFERED = 25;
const MAX_CHOICE_TITLE = 100;
const MAX_CHOICE_VALUE = 200;
const MAX_LABEL = 100;
const MAX_WORDS = 300;
const MAX_INPUT = 3000;

const TAKES_AWAY: readonly FormId[] = ['deny', 'revoke'];

/**
 * As a dialog's card (Action.Submit, since `task/submit`) or as inputs in a card of a chat (Action.Execute).
 * `roles`: the first options of the role field. Values and errors stand in form.fields.
 */
export function renderForm(
  form: Form,
  options: { as: 'dialog' | 'message'; roles: readonly Option[] },
): AdaptiveCard {
  const all = formAt(form, options, { choices: MAX_CHOICES, input: MAX_INPUT });
  return fits(all) ? all : formAt(form, options, { choices: 1, input: 500 });
}

interface Room {
  readonly choices: number;
  readonly input: number;
}

function formAt(form: Form, options: Parameters<typeof renderForm>[1], room: Room): AdaptiveCard {
  const data: Wire = { v: WIRE_VERSION, do: 'form', form: form.id, about: form.about };
  const look = titled(form.submit, TAKES_AWAY.includes(form.id) ? 'danger' : 'primary');
  const body = [
    // A dialog has a title of its own.
    ...(options.as === 'message' ? words(form.title, { size: 'Medium', weight: 'Bolder' }) : []),
    ...form.intro.flatMap((line) => textElement(line, MAX_WORDS, nobody()) ?? []),
    ...form.fields.flatMap((field) => fieldElements(field, options.roles, room)),
  ];
  return adaptiveCard(body, {
    fallbackText: withPlainStart(inertMarkdown(cut(form.title, MAX_LABEL))) || '…',
    actions:
      options.as === 'dialog'
        ? [formSubmit(look, data)]
        : [execute('curfew.form', look, data), ...backTo(form.about)],
  });
}

/** A form in a message has taken the place of the card that it was opened from. */
function backTo(about: string | null): Element[] {
  return about === null ? [] : [lookAction(titled('Back'), about)];
}

/** Adaptive Cards have no error beside a field when they open, so a small line right under it says it. */
function fieldElements(field: Field, roles: readonly Option[], room: Room): Element[] {
  const error = field.error ? words(`⚠ ${field.error}`, { size: 'Small', color: 'Attention' }) : [];
  const hint = field.hint ? words(field.hint, { size: 'Small', isSubtle: true }) : [];
  const input = inputOf(field, roles, room);
  return [input, ...[...error, ...hint].map((line) => ({ ...line, spacing: 'Small' }))];
}

function inputOf(field: Field, roles: readonly Option[], room: Room): Element {
  switch (field.kind) {
    case 'text':
      return textInput(field, room);
    case 'role':
      return roleInput(field, roles, room);
    case 'choice':
      return choiceInput(field);
  }
}

function textInput(field: Extract<Field, { kind: 'text' }>, room: Room): Element {
  const maxLength = Math.min(Math.max(1, field.maxLength), MAX_INPUT);
  // What goes into an input is taken as it is.
  const value = field.value === undefined ? '' : cut(field.value, Math.min(maxLength, room.input));
  return {
    type: 'Input.Text',
    ...common(field, 'Please fill this in.'),
    maxLength,
    ...(field.multiline ? { isMultiline: true } : {}),
    ...(value === '' ? {} : { value }),
    ...(field.placeholder ? { placeholder: inert(cut(field.placeholder, MAX_LABEL)) } : {}),
  };
}

/**
 * The first roles show before anything is typed; Teams asks the bot for more as people type, also in cards
 * that state 1.5, though the schema has `choices.data` only from 1.6. Where there is nothing to choose from,
 * a role's name can be typed: a list without choices is not valid.
 */
function roleInput(field: Extract<Field, { kind: 'role' }>, roles: readonly Option[], room: Room): Element {
  const choices = choicesOf(field, roles, room.choices);
  const value = choices.find((choice) => choice.value === field.value)?.value;
  if (choices.length === 0) {
    const { value: typed, ...rest } = field;
    return textInput(
      { ...rest, kind: 'text', maxLength: MAX_CHOICE_VALUE, ...(typed ? { value: typed } : {}) },
      room,
    );
  }
  return {
    type: 'Input.ChoiceSet',
    ...common(field, 'Please choose one of the roles.'),
    style: 'filtered',
    choices,
    'choices.data': { type: 'Data.Query', dataset: ROLES_DATASET },
    placeholder: 'Type to find a role',
    ...(value === undefined ? {} : { value }),
  };
}

/**
 * All of them from the start; people can type to find one. A choice has no small print in Teams: it stands
 * behind its label.
 */
function choiceInput(field: Extract<Field, { kind: 'choice' }>): Element {
  const options = field.options.map(({ label, value, description }) => ({
    label: description ? `${label} (${description})` : label,
    value,
  }));
  const choices = choicesOf({}, options, MAX_OFFERED);
  const value = choices.find((choice) => choice.value === field.value)?.value;
  return {
    type: 'Input.ChoiceSet',
    ...common(field, 'Please choose one.'),
    style: 'filtered',
    choices,
    placeholder: inert(cut(field.placeholder, MAX_LABEL)),
    ...(value === undefined ? {} : { value }),
  };
}

/** The chosen role first. Clients go by titles, so a second one of the same title shows its name too. */
function choicesOf(
  { value, valueLabel }: { readonly value?: string; readonly valueLabel?: string },
  roles: readonly Option[],
  most: number,
): { title: string; value: string }[] {
  const chosen: Option[] = value ? [{ label: valueLabel ?? value, value }] : [];
  const choices: { title: string; value: string }[] = [];
  for (const option of [...chosen, ...roles.filter((role) => role.value !== value)]) {
    if (choices.length >= most) break;
    // A value too long cannot be cut and still mean the role.
    if (option.value === '' || option.value.length > MAX_CHOICE_VALUE) continue;
    const label = inert(cut(option.label, MAX_CHOICE_TITLE)).trim() || option.value;
    const taken = choices.some(({ title }) => title === label);
    choices.push({ title: taken ? `${label} (${option.value})` : label, value: option.value });
  }
  return choices;
}

function common(field: Field, errorMessage: string) {
  const label = inert(cut(field.label, MAX_LABEL)).trim() || '…';
  return { id: field.id, label, ...(field.optional ? {} : { isRequired: true, errorMessage }) };
}

function words(text: string, look: TextLook): Element[] {
  const element = textElement([text], MAX_WORDS, nobody(), look);
  return element ? [element] : [];
}

function nobody() {
  return createMentions(() => null, 0);
}
