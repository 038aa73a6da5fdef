/**
 * What Teams would refuse of an Adaptive Card, and what people read on one. Microsoft's own library parses it;
 * since that lets newer elements and unknown properties pass, every name is looked up in its schema too.
 */
import { createRequire } from 'node:module';
import type * as Library from 'adaptivecards';

const library: typeof Library = createRequire(import.meta.url)('adaptivecards/dist/adaptivecards.js');

export type Json = Readonly<Record<string, unknown>>;

const MAX_BYTES = 24 * 1024;
const MAX_BUTTONS = 6;
const MAX_REFRESHED = 60;
/** Parsed by hand by the library, so that its schema does not list them; `msteams` is Teams' own. */
const OUTSIDE_SCHEMA = ['body', 'actions', 'items', 'columns', 'inlines', 'card', 'fallback', 'msteams'];
/** Teams asks for choices in cards of any version: its own example states 1.2. */
const ANY_VERSION = ['choices.data'];
/** Free for the bot's own use. */
const OPAQUE = ['data', 'msteams', 'choices.data'];

/** Empty: valid, nothing newer than its stated version, light enough, and every mention has its person. */
export function cardFaults(card: Json): string[] {
  return [
    ...parseFaults(card),
    ...nodesOf(card).flatMap((node) => schemaFaults(node, String(card.version))),
    ...mentionFaults(card),
    ...teamsFaults(card),
  ];
}

function parseFaults(source: Json): string[] {
  const context = new library.SerializationContext();
  const card = new library.AdaptiveCard();
  card.hostConfig = new library.HostConfig({ actions: { maxActions: MAX_BUTTONS } });
  card.parse(JSON.parse(JSON.stringify(source)), context);
  const events = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index));
  return [...events, ...card.validateProperties().validationEvents]
    .map(({ message }) => message)
    .filter((message) => !ANY_VERSION.some((name) => message.includes(`"${name}"`)));
}

/** Every element, action and nested card, from the top. */
export function nodesOf(node: unknown): Json[] {
  if (Array.isArray(node)) return node.flatMap(nodesOf);
  if (typeof node !== 'object' || node === null) return [];
  const inner = Object.entries(node).flatMap(([key, value]) => (OPAQUE.includes(key) ? [] : nodesOf(value)));
  return 'type' in node ? [node as Json, ...inner] : inner;
}

function schemaFaults(node: Json, version: string): string[] {
  const type = String(node.type);
  const { known, since } = schemaOf(type);
  if (!known) return [`${type} is no element or action`];
  const newer = isNewer(since, version) ? [`${type} needs ${since}`] : [];
  const names = Object.keys(node).filter((name) => !OUTSIDE_SCHEMA.includes(name));
  return [
    ...newer,
    ...names.flatMap((name) => {
      const needs = known.get(name);
      if (needs === undefined) return [`${type} has no ${name}`];
      return isNewer(needs, version) && !ANY_VERSION.includes(name) ? [`${type}.${name} needs ${needs}`] : [];
    }),
  ];
}

interface Schema {
  /** Property by property, the version that brought it; null: no such element. */
  readonly known: ReadonlyMap<string, string> | null;
  readonly since: string;
}

const schemas = new Map<string, Schema>();

function schemaOf(type: string): Schema {
  const schema = schemas.get(type) ?? readSchema(type);
  schemas.set(type, schema);
  return schema;
}

function readSchema(type: string): Schema {
  const { defaultElements, defaultActions } = library.GlobalRegistry;
  const entry = defaultElements.findByName(type) ?? defaultActions.findByName(type);
  const made = entry ? new entry.objectType() : type === 'Column' ? new library.Column() : null;
  const object = made ?? (type === 'AdaptiveCard' ? new library.AdaptiveCard() : null);
  if (!object) return { known: null, since: '' };
  const schema = object.getSchema();
  const properties = Array.from({ length: schema.getCount() }, (_, index) => schema.getItemAt(index));
  const known = new Map(properties.map(({ name, targetVersion }) => [name, String(targetVersion)]));
  return { known, since: String(entry?.schemaVersion ?? '1.0') };
}

function isNewer(needed: string, stated: string): boolean {
  return Number(needed.split('.')[1]) > Number(stated.split('.')[1]);
}

function mentionFaults(card: Json): string[] {
  const { entities = [] } = (card.msteams ?? {}) as { entities?: { text: string }[] };
  const texts = nodesOf(card).flatMap(({ type, text }) => (type === 'TextBlock' ? [String(text)] : []));
  const said = texts.flatMap((text) => text.match(/<at>.*?<\/at>/g) ?? []);
  const names = entities.map(({ text }) => text);
  return [
    ...said.filter((text) => !names.includes(text)).map((text) => `${text} is nobody`),
    ...names.filter((text) => !said.includes(text)).map((text) => `${text} stands nowhere`),
    ...(new Set(names).size < names.length ? ['two people by one name'] : []),
    ...texts.filter((text) => /[<>]/.test(text.replace(/<at>[^<>]*<\/at>/g, ''))),
  ];
}

function teamsFaults(card: Json): string[] {
  const ids = nodesOf(card).flatMap(({ id }) => (id === undefined ? [] : [String(id)]));
  const long = nodesOf(card).filter(({ actions }) => Array.isArray(actions) && actions.length > MAX_BUTTONS);
  const refreshed = (card.refresh as { userIds?: unknown[] } | undefined)?.userIds;
  return [
    ...(Buffer.byteLength(JSON.stringify(card)) > MAX_BYTES ? ['heavier than 24 KB'] : []),
    ...(new Set(ids).size < ids.length ? ['two elements of one id'] : []),
    ...(long.length > 0 ? [`more than ${MAX_BUTTONS} buttons in a row`] : []),
    ...(refreshed && (refreshed.length === 0 || refreshed.length > MAX_REFRESHED)
      ? ['refresh for nobody']
      : []),
    ...(typeof card.fallbackText === 'string' && card.fallbackText !== '' ? [] : ['no fallbackText']),
  ];
}

/** What people read of it, a line each: dates as they are written, buttons as `[label]`, inputs by label and value. */
export function cardText(card: unknown): string {
  return lines(card).join('\n');
}

function lines(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(lines);
  const { type, ...rest } = node as Json;
  switch (type) {
    case 'AdaptiveCard':
      return [...lines(rest.body ?? []), ...buttonRow(rest.actions)];
    case 'TextBlock':
      return [visible(rest.text)];
    case 'RichTextBlock':
      return [(rest.inlines as Json[]).map(({ text }) => visible(text)).join('')];
    case 'Container':
      return lines(rest.items);
    case 'ColumnSet':
      return [(rest.columns as Json[]).flatMap(({ items }) => lines(items)).join(': ')];
    case 'ActionSet':
      return buttonRow(rest.actions);
    default:
      return [`${rest.label}: ${rest.value ?? ''}`];
  }
}

/** Without what is there to be invisible. */
function visible(text: unknown): string {
  return String(text).replaceAll('\u2060', '');
}

function buttonRow(actions: unknown): string[] {
  const row = (actions ?? []) as Json[];
  return row.length === 0 ? [] : [row.map(({ title }) => `[${title}]`).join(' ')];
}

/** Every button by itself, those inside a confirmation too; without fallbacks and refreshes. */
export function buttonsOf(card: unknown): Json[] {
  if (Array.isArray(card)) return card.flatMap(buttonsOf);
  if (typeof card !== 'object' || card === null) return [];
  const { type, refresh: _, fallback: __, data: ___, selectAction: ____, ...rest } = card as Json;
  const inner = Object.values(rest).flatMap(buttonsOf);
  return /^Action\.(Execute|Submit|ShowCard)$/.test(String(type)) ? [card as Json, ...inner] : inner;
}
