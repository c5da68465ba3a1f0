const LINE_FEED = 0x0a;

/** A line without its end, or the news that it was longer than allowed. */
export type Line = { readonly kind: "line"; readonly bytes: Uint8Array } | { readonly kind: "too-long" };

/** Gathers the pieces of one line and forgets them once they are too many. */
function lineBuffer(limit: number) {
  let pieces: Uint8Array[] = [];
  let length = 0;
  return {
    isEmpty: () => length === 0,
    add(piece: Uint8Array): void {
      length += piece.length;
      if (length > limit) pieces = [];
      // A copy: the stream may use its buffer again.
      else pieces.push(piece.slice());
    },
    take(): Line {
      const tooLong = length > limit;
      const bytes = new Uint8Array(tooLong ? 0 : length);
      let offset = 0;
      for (const piece of pieces) {
        bytes.set(piece, offset);
        offset += piece.length;
      }
      pieces = [];
      length = 0;
      return tooLong ? { kind: "too-long" } : { kind: "line", bytes };
    },
  };
}

/**
 * The lines of a stream, one at a time, each at most `limit` bytes without its line feed; a longer one is passed
 * over without being kept. A last line may end without a line feed.
 */
export async function* splitLines(source: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Line> {
  const buffer = lineBuffer(limit);
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      buffer.add(chunk.subarray(start, end));
      yield buffer.take();
      start = end + 1;
    }
    buffer.add(chunk.subarray(start));
  }
  if (!buffer.isEmpty()) yield buffer.take();
}
