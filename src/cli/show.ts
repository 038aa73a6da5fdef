/** How facts look in a terminal. */
import { durationInWords } from '../domain/duration.ts';
import { cleanText } from '../domain/text.ts';

const WIDTH_WHERE_UNKNOWN = 100;

export function widthOf(stdout: NodeJS.WriteStream): number {
  return stdout.columns ?? WIDTH_WHERE_UNKNOWN;
}

/** Words from the ledger: what somebody typed, or a target said, must not steer the terminal. */
export function plain(text: string, most = 500): string {
  const clean = [...cleanText(text)];
  return clean.length > most ? `${clean.slice(0, most - 1).join('')}…` : clean.join('');
}

/** `15:04` today, `21 Nov 15:04` on other days; in the terminal's time zone. */
export function showMoment(moment: string | Date, now: Date): string {
  const at = new Date(moment);
  const clock = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (at.toDateString() === now.toDateString()) return clock;
  const year = at.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return `${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year })} ${clock}`;
}

export function timeZoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Whole minutes from one minute on: `42 min`, `1 h 5 min`, `50 s`. */
export function showSpan(seconds: number): string {
  return durationInWords(seconds < 60 ? seconds : Math.floor(seconds / 60) * 60);
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

const GAP = 2;
const NARROWEST = 8;

/** Columns side by side. Where they do not fit into `width`, the widest of the `flexible` ones are cut. */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { width, flexible }: { width: number; flexible: readonly string[] },
): string[] {
  const cells = [headings, ...rows];
  const widths = headings.map((_, column) =>
    Math.max(...cells.map((row) => [...(row[column] ?? '')].length)),
  );
  const room = width - GAP * (widths.length - 1);
  const widest = () =>
    headings.reduce(
      (found, heading, column) =>
        flexible.includes(heading) && (widths[column] ?? 0) > (widths[found] ?? 0) ? column : found,
      -1,
    );
  while (widths.reduce((a, b) => a + b, 0) > room) {
    const column = widest();
    const now = widths[column] ?? 0;
    if (now <= NARROWEST) break;
    widths[column] = now - 1;
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cut(cell, widths[column] ?? 0))
      .join(' '.repeat(GAP))
      .trimEnd();
  return cells.map(line);
}

function cut(cell: string, width: number): string {
  const characters = [...cell];
  if (characters.length <= width) return cell + ' '.repeat(width - characters.length);
  return `${characters.slice(0, width - 1).join('')}…`;
}

/** One paragraph, wrapped at spaces; each line begins with the indent. */
export function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > width && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
