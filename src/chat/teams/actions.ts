/** Buttons. What they carry is `wire.ts`; who pressed one, and whether they may, is asked at the click. */
import type { Action } from '../card.ts';
import type { Element } from './spans.ts';
import { cut, inert } from './text.ts';
import { type ExecuteVerb, FORM_VERBS, WIRE_VERSION, type Wire } from './wire.ts';

export interface ActionOptions {
  /** The marker of the card of a request. */
  readonly marker?: string;
  /** False: the client opens no dialogs. */
  readonly dialogs: boolean;
}

/** Teams shows at most six: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference */
const MAX_BUTTONS = 6;
const MAX_MARKER = 200;
const MAX_TITLE = 40;
const MAX_CONFIRM_TITLE = 100;
const MAX_CONFIRM_TEXT = 300;
const STYLE = { primary: 'positive', danger: 'destructive' } as const;

/** Rows of buttons. */
export function actionSets(actions: readonly Action[], options: ActionOptions): Element[] {
  const sets: Element[] = [];
  for (let start = 0; start < actions.length; start += MAX_BUTTONS) {
    const row = actions.slice(start, start + MAX_BUTTONS);
    sets.push({ type: 'ActionSet', actions: row.map((action) => button(action, options)) });
  }
  return sets;
}

/** Of a card's own buttons only the first row. */
export function ownActions(actions: readonly Action[], options: ActionOptions): Element[] {
  return actionSets(actions.slice(0, MAX_BUTTONS), options);
}

function button(action: Action, options: ActionOptions): Element {
  const { confirm } = action;
  if (!confirm) return press(action, action.label, options);
  return {
    type: 'Action.ShowCard',
    ...titled(action.label, action.style),
    card: {
      type: 'AdaptiveCard',
      body: [
        words(cut(confirm.title, MAX_CONFIRM_TITLE), { weight: 'Bolder' }),
        words(cut(confirm.text, MAX_CONFIRM_TEXT)),
        { type: 'ActionSet', actions: [press(action, confirm.yes, options)] },
      ],
    },
  };
}

function press(action: Action, label: string, options: ActionOptions): Element {
  const on = options.marker && options.marker.length <= MAX_MARKER ? { on: options.marker } : {};
  const data: Wire = { v: WIRE_VERSION, do: 'act', verb: action.verb, id: action.id, ...on };
  const look = titled(label, action.style);
  if (options.dialogs && FORM_VERBS.includes(action.verb)) {
    return submit(look, { ...data, msteams: { type: 'task/fetch' } });
  }
  return { ...execute('curfew.act', look, data), associatedInputs: 'none' };
}

/** "Show me this card as I may see it." */
export function lookAction(look: Record<string, unknown>, about: string): Element {
  return { ...execute('curfew.look', look, lookData(about)), associatedInputs: 'none' };
}

/** Asked for by the clients of these people by themselves, for a view of their own. */
export function refresh(about: string, userIds: readonly string[]): Record<string, unknown> {
  const action = { type: 'Action.Execute', title: 'Refresh', verb: 'curfew.look', data: lookData(about) };
  return { action, userIds };
}

function lookData(about: string): Wire {
  return { v: WIRE_VERSION, do: 'look', about };
}

/** Clients that know no Action.Execute send the same data as a message. */
export function execute(verb: ExecuteVerb, look: Record<string, unknown>, data: Wire): Element {
  const fallback = data.do === 'form' ? formSubmit(look, data) : submit(look, data);
  return { type: 'Action.Execute', verb, ...look, data, fallback };
}

export function formSubmit(look: Record<string, unknown>, data: object): Element {
  return { type: 'Action.Submit', ...look, data };
}

function submit(look: Record<string, unknown>, data: object): Element {
  return { ...formSubmit(look, data), associatedInputs: 'none' };
}

export function titled(label: string, style?: Action['style']): Record<string, unknown> {
  return { title: inert(cut(label, MAX_TITLE)).trim() || '…', ...(style ? { style: STYLE[style] } : {}) };
}

function words(text: string, look: object = {}): Element {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: inert(text) || '…', ...look }] };
}
