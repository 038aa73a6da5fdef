/** Replies, as messages and as what answers an invoke. Pure. */
import type { Inbound, ListRoles, Reply } from '../../../commands/command.ts';
import { sayable } from '../answers.ts';
import type { Card, Form, Line, PersonRef } from '../card.ts';
import { formAgain, offerIncidents } from '../cards/forms.ts';
import type { Sender } from './parse.ts';
import { type AdaptiveCard, renderCard, renderLine, summaryOf, toPlainText } from './render.ts';
import { renderForm } from './render-form.ts';
import { cut, inert } from './text.ts';

export interface Reading {
  /** Who reads it. */
  readonly sender: Sender;
  readonly dialogs: boolean;
  readonly listRoles: ListRoles;
}

export interface Message {
  readonly card: AdaptiveCard;
  readonly summary: string;
}

/** Of everybody else, Teams finds the address by their Entra id. */
export function addressOf({ speaker, address }: Sender): (person: PersonRef) => string | null {
  return (person) => (person.userId === speaker.userId ? address : null);
}

/** A form that was refused comes again, with what was filled in and what is wrong with it. */
export function formOnceMore(inbound: Inbound, reply: Reply, listRoles: ListRoles): Reply {
  if (reply.kind !== 'form-errors' || inbound.kind !== 'form') return reply;
  const { form, about, values, speaker } = inbound;
  const { role, incident } = values;
  const chosen = role ? listRoles(speaker, role).find(({ value }) => value === role) : undefined;
  const roleLabel = chosen ? { roleLabel: chosen.label } : {};
  const again = formAgain(form, about, { values, problems: reply.errors, ...roleLabel });
  return { kind: 'form', form: offerIncidents(again, reply.incidents ?? [], incident) };
}

/** To a button of another version; `about` is the request that it seems to mean. */
export function outdated(about: string | null): Reply {
  const words = about === null ? 'help' : `status ${about}`;
  const why =
    about === null ? ' to Curfew to see what you can do now.' : ' to Curfew to see it as it is now.';
  const line = ['This button is from another version of Curfew. Say ', { code: words }, why];
  return { kind: 'text', line };
}

/** Null: nothing to say. */
export function replyMessage(reply: Reply, reading: Reading): Message | null {
  switch (reply.kind) {
    case 'card':
      return { card: cardOf(reply.card, reading), summary: summaryOf(reply.card) };
    case 'form':
      return { card: formCard(reply.form, 'message', reading), summary: reply.form.title };
    case 'form-errors':
      return replyMessage(sayable(reply), reading);
    case 'text': {
      const card = renderLine(reply.line, { addressOf: addressOf(reading.sender) });
      return { card, summary: toPlainText(reply.line) };
    }
    case 'none':
      return null;
  }
}

/**
 * In the place of the card whose button was pressed, for whoever pressed it alone; words stand beside it.
 * https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format
 */
export function executeAnswer(reply: Reply, reading: Reading): object {
  const message = reply.kind === 'text' ? null : replyMessage(reply, reading);
  return message ? executeCard(message.card) : wordsAnswer('card', linesOf(reply));
}

export function executeCard(card: AdaptiveCard): object {
  return { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: card };
}

export function wordsAnswer(way: 'card' | 'dialog', line: Line): object {
  const value = toPlainText(line);
  if (way === 'dialog') return { task: { type: 'message', value } };
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value };
}

export function executeFault(message: string): object {
  return { statusCode: 400, type: 'application/vnd.microsoft.error', value: { code: 'BadRequest', message } };
}

/**
 * To a refresh that nobody asked for, where there is no view of one's own: the card stays as all see it. Of the
 * documented answers only an error shows neither another card nor words.
 */
export function cardStays(): object {
  const value = { code: 'InternalServerError', message: 'There is nothing else to show just now.' };
  return { statusCode: 500, type: 'application/vnd.microsoft.error', value };
}

/**
 * In a dialog, which forms keep open.
 * https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots
 * https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/action-commands/respond-to-task-module-submit
 */
export function dialogAnswer(reply: Reply, reading: Reading): object {
  switch (reply.kind) {
    case 'form':
      return dialog(reply.form.title, formCard(reply.form, 'dialog', reading));
    case 'card':
      return dialog(reply.card.title, cardOf(reply.card, reading));
    case 'form-errors':
      return dialogAnswer(sayable(reply), reading);
    case 'text':
    case 'none':
      return wordsAnswer('dialog', linesOf(reply));
  }
}

function linesOf(reply: Reply): Line {
  return reply.kind === 'text' ? reply.line : ['Done.'];
}

/** https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search */
export function rolesAnswer(found: ReturnType<ListRoles>): object {
  const results = found
    .slice(0, MAX_OPTIONS)
    .map(({ label, value }) => ({ title: inert(cut(`${label} (${value})`, MAX_TITLE)), value }));
  return { statusCode: 200, type: 'application/vnd.microsoft.search.searchResponse', value: { results } };
}

const MAX_OPTIONS = 100;
const MAX_TITLE = 200;

/** `about`: it is the card of this request, and the answer to a press on it is that card as it is then. */
export function cardOf(
  card: Card,
  { sender, dialogs }: Reading,
  { about, note }: { about?: string; note?: Line } = {},
): AdaptiveCard {
  return renderCard(card, {
    addressOf: addressOf(sender),
    dialogs,
    ...(about === undefined ? {} : { marker: `curfew:${about}:view` }),
    ...(note ? { note } : {}),
  });
}

function formCard(form: Form, as: 'dialog' | 'message', { sender, listRoles }: Reading): AdaptiveCard {
  const asksForRole = form.fields.some(({ kind }) => kind === 'role');
  return renderForm(form, { as, roles: asksForRole ? listRoles(sender.speaker, '') : [] });
}

function dialog(title: string, content: AdaptiveCard): object {
  const card = { contentType: 'application/vnd.microsoft.card.adaptive', content };
  return { task: { type: 'continue', value: { title, width: 'medium', height: 'medium', card } } };
}
