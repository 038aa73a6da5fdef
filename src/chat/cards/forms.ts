/** The forms. What comes back from one is parsed like words; the form itself decides nothing. */
import { REASON_MAX } from '../../domain/text.ts';
import type { Field, Form, FormId, Option } from '../card.ts';

const REFERENCE_MAX = 500;
const DURATION_MAX = 40;

export const FIELD_IDS = ['role', 'duration', 'incident', 'reference', 'reason'] as const;
export type FieldId = (typeof FIELD_IDS)[number];
type ByField = Readonly<Partial<Record<FieldId, string>>>;

export interface FormState {
  /** What was understood, or typed, so far. */
  readonly values?: ByField;
  /** What is wrong, a sentence for each field. */
  readonly problems?: ByField;
  /** The chosen role's title, for showing it. */
  readonly roleLabel?: string;
}

export function requestForm(state: FormState = {}): Form {
  return {
    id: 'request',
    title: 'Request access',
    submit: 'Ask',
    intro: [],
    about: null,
    fields: [
      {
        id: 'role',
        kind: 'role',
        label: 'What for',
        ...filled(state, 'role'),
        ...(state.roleLabel === undefined ? {} : { valueLabel: state.roleLabel }),
      },
      duration(state, 'For how long', 'Such as 30m, 1h30m or until 18:00.'),
      {
        id: 'reference',
        kind: 'text',
        label: 'Incident or ticket',
        hint: 'Such as INC-1042, or an https link.',
        optional: true,
        maxLength: REFERENCE_MAX,
        ...filled(state, 'reference'),
      },
      reason(state, 'Why', 'In your own words. The owners read it.'),
    ],
  };
}

/**
 * The open incidents first, beside the field for whatever else it may be about; the form as it is where there
 * are none. What that field holds is chosen, where it is one of them.
 */
export function offerIncidents(form: Form, options: readonly Option[], chosen?: string): Form {
  if (form.id !== 'request') return form;
  const reference = form.fields.find(({ id }) => id === 'reference')?.value;
  const named = chosen ? undefined : options.find(({ value }) => incidentOf(value)?.name === reference);
  const value = chosen || named?.value;
  const all = withChosen(options, value);
  if (all.length === 0) return form;
  const choice: Field = {
    id: 'incident',
    kind: 'choice',
    label: 'Open incident',
    placeholder: 'Choose one',
    optional: true,
    options: all,
    ...(value === undefined ? {} : { value }),
  };
  const fields = form.fields.flatMap((field): Field[] => {
    if (field.id !== 'reference') return [field];
    const { value: typed, ...rest } = { ...field, label: 'Or another incident, or a ticket' };
    return [choice, typed === undefined || named ? rest : { ...rest, value: typed }];
  });
  return { ...form, fields };
}

/** What was chosen before stays to be chosen, though it may not be offered any more. */
function withChosen(options: readonly Option[], value: string | undefined): readonly Option[] {
  if (value === undefined || options.some((option) => option.value === value)) return options;
  const name = incidentOf(value)?.name;
  return name === undefined ? options : [{ label: name, value }, ...options];
}

/** The value of an offered incident: the ledger's id and the name that people know. It gives no authority. */
export function incidentValue(id: number, name: string): string {
  return `${id}:${name}`;
}

/** Null: no such value. */
export function incidentOf(value: string): { readonly id: number; readonly name: string } | null {
  const [, id, name] = /^([0-9]{1,9}):(.{1,200})$/s.exec(value) ?? [];
  return id === undefined || name === undefined ? null : { id: Number(id), name };
}

export function approveLessForm(id: string, state: FormState = {}): Form {
  return {
    id: 'approve-less',
    title: 'Approve for less',
    submit: 'Approve',
    intro: [[`This approves ${id} for less time than was asked for.`]],
    about: id,
    fields: [duration(state, 'For how long', 'Less than was asked for, such as 30m.')],
  };
}

export function denyForm(id: string, state: FormState = {}): Form {
  return {
    id: 'deny',
    title: 'Deny',
    submit: 'Deny',
    intro: [[`This denies ${id}.`]],
    about: id,
    fields: [reason(state, 'Why', 'The requester reads it.')],
  };
}

export function extendForm(id: string, state: FormState = {}): Form {
  return {
    id: 'extend',
    title: 'Ask for more time',
    submit: 'Ask',
    intro: [[`An owner decides whether ${id} gets more time.`]],
    about: id,
    fields: [
      duration(state, 'How much more', 'Added to the end, such as 30m.'),
      reason(state, 'Why', 'In your own words. The owners read it.'),
    ],
  };
}

export function revokeForm(id: string, state: FormState = {}): Form {
  return {
    id: 'revoke',
    title: 'Revoke',
    submit: 'Revoke',
    intro: [[`This takes ${id} away at once.`]],
    about: id,
    fields: [{ ...reason(state, 'Why', 'The holder reads it.'), optional: true }],
  };
}

/** A form as it was, with what was filled in and what is wrong with it: for platforms that send it anew. */
export function formAgain(id: FormId, about: string | null, state: FormState): Form {
  switch (id) {
    case 'request':
      return requestForm(state);
    case 'approve-less':
      return approveLessForm(about ?? '', state);
    case 'deny':
      return denyForm(about ?? '', state);
    case 'extend':
      return extendForm(about ?? '', state);
    case 'revoke':
      return revokeForm(about ?? '', state);
  }
}

function duration(state: FormState, label: string, hint: string): Field {
  return {
    id: 'duration',
    kind: 'text',
    label,
    hint,
    maxLength: DURATION_MAX,
    placeholder: '1h',
    ...filled(state, 'duration'),
  };
}

function reason(state: FormState, label: string, hint: string): Field {
  return {
    id: 'reason',
    kind: 'text',
    label,
    hint,
    multiline: true,
    maxLength: REASON_MAX,
    ...filled(state, 'reason'),
  };
}

function filled({ values, problems }: FormState, id: FieldId): { value?: string; error?: string } {
  const value = values?.[id];
  const error = problems?.[id];
  return { ...(value === undefined ? {} : { value }), ...(error === undefined ? {} : { error }) };
}
