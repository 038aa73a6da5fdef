/** What was filled in → `view.state.values`, as Slack's client checks and sends it. Pure. */
import type { FieldValue, Option } from '../protocol.ts';
import { isRecord, type Json } from './json.ts';
import type { View } from './views.ts';

type Values = Readonly<Record<string, Readonly<Record<string, FieldValue>>>>;

/** @returns `faults` by block id; with any of them Slack does not send the form. */
export function fillIn(view: View, given: Values): { values: Values; faults: Record<string, string> } {
  const values: Record<string, Record<string, FieldValue>> = {};
  const faults: Record<string, string> = {};
  for (const block of view.blocks) {
    const { element, block_id: id } = block;
    if (block.type !== 'input' || !isRecord(element) || typeof id !== 'string') continue;
    const action = String(element.action_id);
    const filled = fieldValue(view, id, element, given[id]?.[action]);
    const fault = faultOf(filled, element, block.optional === true);
    if (fault) faults[id] = fault;
    values[id] = { [action]: filled };
  }
  return { values, faults };
}

/** What is not given stays as the form was opened with it. */
function fieldValue(view: View, block: string, element: Json, given: FieldValue | undefined): FieldValue {
  const { type } = element;
  if (type !== 'external_select' && type !== 'static_select') {
    const initial = typeof element.initial_value === 'string' ? element.initial_value : '';
    const typed = given?.type === 'plain_text_input' ? given.value : initial;
    return { type: 'plain_text_input', value: typed || null };
  }
  const initial = (element.initial_option ?? null) as Option | null;
  if (given?.type !== type) return { type, selected_option: initial };
  const value = given.selected_option?.value;
  // Only what was offered can be chosen.
  const chosen = value === initial?.value ? initial : offered(view, block, element, value);
  return { type, selected_option: chosen ?? null };
}

function offered(view: View, block: string, element: Json, value: string | undefined): Option | undefined {
  if (element.type === 'external_select') return view.offered.get(`${block} ${value}`);
  return (element.options as readonly Option[]).find((each) => each.value === value);
}

function faultOf(filled: FieldValue, element: Json, optional: boolean): string | null {
  const value = filled.type === 'plain_text_input' ? filled.value : filled.selected_option;
  if (value === null) return optional ? null : 'Please complete this required field.';
  if (typeof value !== 'string') return null;
  const most = Number(element.max_length ?? 3000);
  const least = Number(element.min_length ?? 0);
  if (value.length > most) return `At most ${most} characters fit here; these are ${value.length}.`;
  return value.length < least ? `At least ${least} characters, please.` : null;
}
