/** "Did you mean ...?" */

const MOST_EDITS = 3;
const LONGEST_WORD = 80;

/**
 * The names most like what was typed, best first, at most `max`: those that begin with it, then those that
 * hold it, then those a few slips away (one for each three characters, three at most).
 */
export function nearest(typed: string, names: Iterable<string>, max = 3): string[] {
  const word = typed.toLowerCase().slice(0, LONGEST_WORD);
  if (word === '') return [];
  const allowed = Math.min(MOST_EDITS, Math.max(1, Math.floor(word.length / 3)));
  const found: { name: string; rank: number }[] = [];
  for (const name of names) {
    const rank = rankOf(word, name.toLowerCase(), allowed);
    if (rank !== null) found.push({ name, rank });
  }
  found.sort((a, b) => a.rank - b.rank || a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
  return found.slice(0, max).map(({ name }) => name);
}

function rankOf(word: string, name: string, allowed: number): number | null {
  const distance = edits(word, name, allowed);
  if (distance !== null && distance <= 1) return distance;
  if (name.startsWith(word)) return 2;
  if (word.length > 1 && name.includes(word)) return 3;
  return distance === null ? null : 2 + distance;
}

/** Insertions, deletions, replacements and swaps of neighbours; null when more than `allowed`. */
function edits(a: string, b: string, allowed: number): number | null {
  if (Math.abs(a.length - b.length) > allowed) return null;
  let twoUp: number[] = [];
  let up = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((up[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (up[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (twoUp[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    twoUp = up;
    up = row;
  }
  const distance = up[b.length] ?? 0;
  return distance <= allowed ? distance : null;
}
