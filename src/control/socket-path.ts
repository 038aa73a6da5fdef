/** A unix socket's path as the system takes it. */
import { relative } from 'node:path';
import { ExpectedFailure } from '../expected-failure.ts';

/** unix(7): 108 bytes on Linux, 104 on macOS, one of them for the end. */
const LONGEST = 103;

/** The path, or the same place as seen from the working directory where that is what fits. */
export function socketPath(absolute: string): string {
  const near = relative(process.cwd(), absolute);
  const fitting = [absolute, near].find((path) => Buffer.byteLength(path) <= LONGEST);
  if (fitting === undefined) {
    throw new ExpectedFailure(
      `${absolute} is too long for a socket (at most ${LONGEST} bytes): run the command in that directory itself.`,
    );
  }
  return fitting;
}
