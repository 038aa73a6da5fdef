/** The result of `work`; null where it takes longer than `ms`, real: then nobody waits for it any more. */
export async function within<T>(ms: number, work: PromiseLike<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  try {
    return await Promise.race([work, timeIsUp]);
  } finally {
    clearTimeout(timer);
  }
}
