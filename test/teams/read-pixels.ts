/** Reads a PNG with 8 bits a channel and no interlacing, with or without alpha. */
import { inflateSync } from 'node:zlib';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** For each pixel, row by row, 0 (nothing) to 255. */
  readonly alpha: readonly number[];
  /** For each pixel, `red,green,blue`. */
  readonly colours: readonly string[];
}

const RGB = 2;
const RGBA = 6;

export function readPixels(png: Buffer): Pixels {
  const [width, height, depth, kind] = [
    png.readUInt32BE(16),
    png.readUInt32BE(20),
    png.readUInt8(24),
    png.readUInt8(25),
  ];
  if (depth !== 8 || (kind !== RGB && kind !== RGBA)) throw new Error(`unread PNG: ${depth} bits, ${kind}`);
  const each = kind === RGBA ? 4 : 3;
  const rows = unfilter(inflateSync(Buffer.concat(dataOf(png))), width * each, each);
  const pixels = rows.flatMap((row) =>
    Array.from({ length: width }, (_, x) => [...row.subarray(x * each, (x + 1) * each)]),
  );
  return {
    width,
    height,
    alpha: pixels.map(([, , , alpha = 255]) => alpha),
    colours: pixels.map((pixel) => pixel.slice(0, 3).join()),
  };
}

function dataOf(png: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') found.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return found;
}

/** https://www.w3.org/TR/png-3/#9Filters */
function unfilter(data: Buffer, rowBytes: number, each: number): Buffer[] {
  const rows: Buffer[] = [];
  for (let at = 0; at < data.length; at += rowBytes + 1) {
    const row = Buffer.from(data.subarray(at + 1, at + 1 + rowBytes));
    const above = rows.at(-1) ?? Buffer.alloc(rowBytes);
    for (let x = 0; x < rowBytes; x += 1) {
      const left = row[x - each] ?? 0;
      const up = above[x] ?? 0;
      const add = [0, left, up, (left + up) >> 1, paeth(left, up, above[x - each] ?? 0)][data[at] ?? 0] ?? 0;
      row[x] = ((row[x] ?? 0) + add) & 255;
    }
    rows.push(row);
  }
  return rows;
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [up - corner, left - corner, left + up - 2 * corner].map(Math.abs) as [
    number,
    number,
    number,
  ];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
