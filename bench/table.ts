/** Figures and the table they stand in. Pure. */

export interface Figure {
  /** `a` to `f`, the part of the bench it belongs to. */
  readonly part: string;
  readonly what: string;
  /** Things a second; null where that says nothing. */
  readonly perSecond: number | null;
  /** Milliseconds; null where it was not measured. */
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** Settings, limits, and what the reader has to know to compare. */
  readonly note: string;
}

/** Nearest rank: the smallest of the values that at least `share` of them (0 to 1) do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  const value = sorted[rank - 1];
  if (value === undefined) throw new Error('There is no percentile of nothing.');
  return value;
}

export function spread(values: readonly number[]): Pick<Figure, 'p50' | 'p99' | 'max'> {
  return { p50: percentile(values, 0.5), p99: percentile(values, 0.99), max: percentile(values, 1) };
}

/** 12,345 · 123 · 12.3 · 1.23 */
export function formatNumber(value: number | null): string {
  if (value === null) return '–';
  const fractionDigits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const digits = { minimumFractionDigits: fractionDigits, maximumFractionDigits: fractionDigits };
  return value.toLocaleString('en-GB', digits);
}

const HEAD = ['', 'what', 'a second', 'p50 ms', 'p99 ms', 'max ms'];

/** Markdown that is a readable table in a terminal too; notes follow below it, numbered. */
export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ part, what, perSecond, p50, p99, max }, index) => [
    part,
    `${what} [${index + 1}]`,
    ...[perSecond, p50, p99, max].map(formatNumber),
  ]);
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const isText = (column: number) => column < 2;
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (isText(i) ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (isText(i) ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  const notes = figures.map(({ note }, index) => `${index + 1}. ${note}`);
  return [line(HEAD), rule, ...rows.map(line), '', ...notes].join('\n');
}
