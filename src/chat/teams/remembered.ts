/** One reading for all who ask at the same time, and for a while after. A failed one is not remembered. */

/** `maxAgeMs` counts from when the reading began, by `realNow`. */
export function remembered<T>(options: { read: () => Promise<T>; maxAgeMs: number; realNow: () => number }): {
  get(): Promise<T>;
  forget(): void;
} {
  const { read, maxAgeMs, realNow } = options;
  let known: { reading: Promise<T>; at: number } | null = null;
  return {
    get() {
      if (known && realNow() - known.at < maxAgeMs) return known.reading;
      const mine = { reading: read(), at: realNow() };
      known = mine;
      mine.reading.catch(() => {
        if (known === mine) known = null;
      });
      return mine.reading;
    },
    forget() {
      known = null;
    },
  };
}
