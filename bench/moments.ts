/** Random moments, the same ones after the same beginning in every run. */
export function seededMoments(from: Date, count: number, withinMs: number, seed = 20_261_120): Date[] {
  const random = mulberry32(seed);
  return Array.from({ length: count }, () => new Date(from.getTime() + random() * withinMs));
}

/** https://github.com/bryc/code/blob/master/jshash/PRNGs.md */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
