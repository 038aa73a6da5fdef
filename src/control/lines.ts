/** Lines out of a stream of bytes, none of them longer than agreed. */

class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
}

/** Each line without its end, as UTF-8; what stands behind the last line end is dropped: it is not whole. */
export async function* linesOf(chunks: AsyncIterable<Buffer>, longest: number): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      if (held + end - from > longest) throw new LineTooLong();
      yield Buffer.concat([...parts, chunk.subarray(from, end)]).toString('utf8');
      parts = [];
      held = 0;
      from = end + 1;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
    held += chunk.length - from;
    if (held > longest) throw new LineTooLong();
  }
}
