/** A bad network's luck, the same for the same seed: mulberry32. */
export type Luck = (chance: number) => boolean;

export function createLuck(seed: number): Luck {
  let state = seed | 0;
  return (chance) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 < chance;
  };
}
