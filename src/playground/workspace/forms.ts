/** What is done with a form: looking for options, sending it, closing it. */
import type { Act, Option } from '../protocol.ts';
import { type Acting, DONE, type Performed, pathOf, refused, troubleWords } from './acting.ts';
import { optionsFaults, viewAnswerFaults } from './block-kit.ts';
import { findElement } from './blocks.ts';
import type { Delivery } from './deliver.ts';
import { fillIn } from './fill-in.ts';
import { isRecord, type Json } from './json.ts';
import { interactionRequest } from './payloads.ts';
import type { Person } from './people.ts';
import { type View, viewObject } from './views.ts';

const GONE = 'This form is not open any more.';
/** Slack's own, where the app does not say. */
const MIN_QUERY_LENGTH = 3;
const MAX_TYPED = 500;

function openView(person: Person, id: string, ctx: Acting): View | null {
  const view = ctx.views.modal(id);
  return view?.person.handle === person.handle ? view : null;
}

export async function findOptions(
  person: Person,
  act: Extract<Act, { do: 'options' }>,
  ctx: Acting,
): Promise<Performed> {
  const view = openView(person, act.view, ctx);
  const element = view && findElement(view.blocks, act.blockId, act.actionId);
  if (!view || element?.type !== 'external_select') return refused(GONE);
  const { message_menu_options_url: url } = ctx.manifest.settings.interactivity;
  if (!url) return refused('This app names no address for options.');
  if (act.typed.length > MAX_TYPED || act.typed.length < Number(element.min_query_length ?? MIN_QUERY_LENGTH))
    return { answer: { ok: true, options: [] }, delivery: null };
  const request = interactionRequest(pathOf(url), person, {
    type: 'block_suggestion',
    action_id: act.actionId,
    block_id: act.blockId,
    value: act.typed,
    container: { type: 'view', view_id: view.id },
    view: viewObject(view),
  });
  const delivery = await ctx.deliver.once(request);
  if (delivery.problem !== null) return refused(troubleWords(delivery), delivery);
  const faults = optionsFaults(delivery.answer);
  for (const fault of faults) ctx.note(`options: ${fault}`);
  if (faults.length > 0) return refused('The options could not be read.', delivery);
  const { options } = delivery.answer as { options: readonly Option[] };
  ctx.views.offer(view.id, act.blockId, options);
  return { answer: { ok: true, options }, delivery };
}

export async function submit(
  person: Person,
  act: Extract<Act, { do: 'submit' }>,
  ctx: Acting,
): Promise<Performed> {
  const view = openView(person, act.view, ctx);
  if (!view) return refused(GONE);
  if (view.busy) return refused('This form is on its way already.');
  const { values, faults } = fillIn(view, act.values);
  if (Object.keys(faults).length > 0) {
    note(view, { errors: faults }, ctx);
    return refused('Something in this form is missing or too long.');
  }
  note(view, { busy: true, errors: {} }, ctx);
  const request = interactionRequest(pathOf(ctx.manifest.settings.interactivity.request_url), person, {
    type: 'view_submission',
    trigger_id: ctx.triggers.issue(person, view.id),
    view: { ...viewObject(view), state: { values } },
    response_urls: [],
  });
  const delivery = await ctx.deliver.once(request);
  note(view, { busy: false }, ctx);
  if (delivery.problem !== null) return refused(troubleWords(delivery), delivery);
  const fault = takeAnswer(view, delivery, ctx);
  ctx.changed();
  return fault === null ? { answer: DONE, delivery } : refused(fault, delivery);
}

/** https://docs.slack.dev/surfaces/modals#response_actions; words for the person where it cannot be taken. */
function takeAnswer(view: View, { answer }: Delivery, ctx: Acting): string | null {
  if (answer === '' || (isRecord(answer) && Object.keys(answer).length === 0)) {
    ctx.views.close(view);
    return null;
  }
  const faults = viewAnswerFaults(answer);
  for (const fault of faults) ctx.note(`the answer to a form: ${fault}`);
  if (faults.length > 0 || !isRecord(answer)) return 'We had some trouble connecting. Try again?';
  if (answer.response_action === 'clear') ctx.views.closeStack(view.root);
  if (answer.response_action === 'update') ctx.views.update(view, answer.view as Json);
  if (answer.response_action === 'push' && !ctx.views.open(view.person, answer.view as Json, view))
    ctx.note('the answer to a form: three forms are open already');
  if (answer.response_action === 'errors')
    return showErrors(view, answer.errors as Record<string, string>, ctx);
  return null;
}

/** Each stands beside its field; one without a field is nowhere to be seen. */
function showErrors(view: View, errors: Record<string, string>, ctx: Acting): null {
  const fields = view.blocks.filter(({ type }) => type === 'input').map(({ block_id }) => block_id);
  for (const id of Object.keys(errors))
    if (!fields.includes(id)) ctx.note(`the answer to a form: there is no field ${id}`);
  ctx.views.note(view.id, { errors });
  return null;
}

export async function closeModal(person: Person, id: string, ctx: Acting): Promise<Performed> {
  const view = openView(person, id, ctx);
  if (!view) return refused(GONE);
  const cleared = view.payload.clear_on_close === true;
  if (cleared) ctx.views.closeStack(view.root);
  else ctx.views.close(view);
  ctx.changed();
  if (view.payload.notify_on_close !== true) return { answer: DONE, delivery: null };
  const request = interactionRequest(pathOf(ctx.manifest.settings.interactivity.request_url), person, {
    type: 'view_closed',
    view: viewObject(view),
    is_cleared: cleared,
  });
  return { answer: DONE, delivery: await ctx.deliver.once(request) };
}

function note(view: View, over: Parameters<Acting['views']['note']>[1], ctx: Acting): void {
  ctx.views.note(view.id, over);
  ctx.changed();
}
