/**
 * What Curfew puts into the buttons and inputs of its Teams cards, and reads back from clicks. It carries
 * ids and words, and no authority. `v` is the version of this shape: cards live on in chats for years, so a
 * shape once sent has to be understood, or politely refused, for ever.
 */
import { z } from 'zod';
import { ACTION_VERBS, type ActionVerb, FORM_IDS } from '../card.ts';

export const WIRE_VERSION = 1;

/** The `verb` of an `Action.Execute`. */
export const EXECUTE_VERBS = ['curfew.act', 'curfew.form', 'curfew.look'] as const;
export type ExecuteVerb = (typeof EXECUTE_VERBS)[number];

/** Buttons whose answer is a form: where a client can, they open a dialog (`task/fetch`). */
export const FORM_VERBS: readonly ActionVerb[] = [
  'approve-less',
  'deny',
  'extend',
  'ask-again',
  'new-request',
];

/**
 * A button: the same as `Inbound` of kind `action`. `on` is set on the card of a request (the marker that it
 * was posted with), where the answer to a click is that card as it is now.
 */
const act = z.object({
  v: z.literal(WIRE_VERSION),
  do: z.literal('act'),
  verb: z.enum(ACTION_VERBS),
  id: z.string().min(1).max(64),
  on: z.string().max(200).optional(),
});

/** A form's submit button; what was filled in lies beside, under the fields' ids. */
const form = z.object({
  v: z.literal(WIRE_VERSION),
  do: z.literal('form'),
  form: z.enum(FORM_IDS),
  about: z.string().max(64).nullable(),
});

/** "Show me this card as I may see it": asked by the client itself, or by pressing Decide. */
const look = z.object({
  v: z.literal(WIRE_VERSION),
  do: z.literal('look'),
  about: z.string().min(1).max(64),
});

export const wire = z.discriminatedUnion('do', [act, form, look]);
export type Wire = z.infer<typeof wire>;

/** The data set that a form's role field asks for as people type. */
export const ROLES_DATASET = 'roles';
/** The message extension's command in the app's manifest. */
export const REQUEST_COMMAND = 'request-access';
