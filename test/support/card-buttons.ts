/** What a Teams client finds in a card: its buttons wherever they stand, its inputs, its words. */

export interface CardButton {
  readonly type: 'Action.Execute' | 'Action.Submit';
  readonly title: string;
  readonly verb?: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Absent: with all inputs of the card. */
  readonly associatedInputs?: 'none' | 'auto';
}

type Node = Readonly<Record<string, unknown>>;

/** Also those in `ActionSet`s and behind `Action.ShowCard`. */
export function buttonsIn(card: unknown): CardButton[] {
  return nodesIn(card).filter(
    (node) => node.type === 'Action.Execute' || node.type === 'Action.Submit',
  ) as unknown as CardButton[];
}

const inputNodes = (card: unknown) => nodesIn(card).filter(({ type }) => String(type).startsWith('Input.'));

/** Inputs by id with what they hold at first. */
export function inputsIn(card: unknown): Record<string, string> {
  return Object.fromEntries(inputNodes(card).map(({ id, value }) => [String(id), String(value ?? '')]));
}

/** Why a client would not send these values: each the id of an input. */
export function inputFaults(card: unknown, values: Readonly<Record<string, string>>): string[] {
  const inputs = inputNodes(card);
  const unknown = Object.keys(values).filter((id) => !inputs.some((input) => input.id === id));
  const wrong = inputs.filter(({ id, isRequired, maxLength, choices }) => {
    const value = values[String(id)] ?? '';
    if (value === '') return isRequired === true;
    if (typeof maxLength === 'number' && value.length > maxLength) return true;
    return Array.isArray(choices) && !choices.some((choice: Node) => choice.value === value);
  });
  return [...unknown, ...wrong.map(({ id }) => String(id))];
}

/** What can be read, a line for each text, with the buttons' titles in brackets. */
export function wordsIn(card: unknown): string {
  const lines = nodesIn(card).flatMap((node) => {
    if (node.type === 'RichTextBlock') return [(node.inlines as unknown[]).map(inline).join('')];
    if (node.type === 'TextBlock') return [String(node.text)];
    if (node.type === undefined && 'title' in node && 'value' in node) return [`${node.title} ${node.value}`];
    if (String(node.type).startsWith('Input.')) return node.label ? [String(node.label)] : [];
    return String(node.type).startsWith('Action.') ? [`[${node.title}]`] : [];
  });
  return lines.join('\n');
}

function inline(run: unknown): string {
  return typeof run === 'string' ? run : String((run as Node).text);
}

/** Depth first, as it is read: a card's own buttons stand below its body. What only clients ask for (`refresh`, `fallback`) is not shown. */
function nodesIn(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (typeof value !== 'object' || value === null) return [];
  const node = value as Node;
  const inner = Object.entries(node).filter(
    ([key]) => !['refresh', 'fallback', 'data', 'inlines', 'msteams'].includes(key),
  );
  inner.sort(([a], [b]) => Number(a === 'actions') - Number(b === 'actions'));
  return [node, ...inner.flatMap(([, each]) => nodesIn(each))];
}
