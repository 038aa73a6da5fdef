/** Bodies read up to a bound. */

/** Null: larger than `max` bytes; what is over is not kept. */
export async function readBounded(
  source: AsyncIterable<Uint8Array> | null,
  max: number,
): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source ?? []) {
    size += chunk.length;
    if (size > max) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
