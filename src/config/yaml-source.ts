/** YAML text as plain data, with the place of every part of it. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { ConfigPath } from './problem.ts';

/** 5,000 roles take about 1.6 MB. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Each use of an anchor counts with all that it holds, so that small files cannot become large data. */
const MAX_ALIASES = 100;
const MAX_DEPTH = 20;
const MAX_SYNTAX_PROBLEMS = 20;

interface Position {
  readonly line: number;
  readonly column: number;
}

export type YamlSource =
  | {
      readonly ok: true;
      readonly data: unknown;
      /** The nearest place that exists: a missing key is shown at the map that lacks it. */
      locate(path: ConfigPath): Position;
    }
  | { readonly ok: false; readonly problems: readonly (Position & { readonly message: string })[] };

export function readYaml(text: string): YamlSource {
  const start: Position = { line: 1, column: 1 };
  const no = (message: string): YamlSource => ({ ok: false, problems: [{ ...start, message }] });
  if (Buffer.byteLength(text) > MAX_BYTES) return no('The file is larger than 4 MB.');
  const lines = new LineCounter();
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return line > 0 ? { line, column: col } : start;
  };
  // Pretty errors quote the line, which may hold a secret.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings, ...forbiddenKeys(document)];
  if (faults.length > 0) {
    const problems = faults
      .slice(0, MAX_SYNTAX_PROBLEMS)
      .map((fault) => ({ ...place(fault.pos[0]), message: `${fault.message.replace(/\.$/, '')}.` }));
    return { ok: false, problems };
  }
  if (document.contents === null) return no('The file is empty; examples/curfew.yaml shows what goes in it.');
  const resolve = (node: unknown): Node | undefined => {
    if (isAlias(node)) return node.resolve(document);
    return isNode(node) ? node : undefined;
  };
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return no(error instanceof Error ? `${error.message}.` : 'The file cannot be read.');
  }
  if (isDeeper(data, MAX_DEPTH)) return no(`The file has more than ${MAX_DEPTH} levels, one in another.`);
  return {
    ok: true,
    data,
    locate: (path) => {
      let node = resolve(document.contents);
      let found = node?.range?.[0] ?? 0;
      for (const step of path) {
        if (isMap(node)) {
          const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
          if (!pair || !isNode(pair.key)) break;
          found = pair.key.range?.[0] ?? found;
          node = resolve(pair.value);
        } else if (isSeq(node)) {
          const item = node.items[Number(step)];
          if (!isNode(item)) break;
          found = item.range?.[0] ?? found;
          node = resolve(item);
        } else break;
      }
      return place(found);
    },
  };
}

/** JavaScript and zod lose such a key without a word. */
function forbiddenKeys(document: Document): { pos: [number]; message: string }[] {
  const found: { pos: [number]; message: string }[] = [];
  visit(document, {
    Pair: (_, { key }) => {
      if (!isScalar(key) || key.value !== '__proto__') return;
      found.push({ pos: [key.range?.[0] ?? 0], message: 'No key may be called __proto__' });
    },
  });
  return found;
}

/** Also true for data that holds itself, which an anchor can make. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}
