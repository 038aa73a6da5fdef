import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of Curfew's own package.json: for files shipped beside the code
 * (migrations, schema, examples), which `dist/` does not hold. The same from `src/` and from `dist/src/`.
 */
export function packageRoot(from: string = fileURLToPath(import.meta.url)): string {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (
      existsSync(file) &&
      (JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown }).name === 'curfew'
    ) {
      return folder;
    }
    if (folder === dirname(folder)) throw new Error(`no package.json of curfew above ${from}`);
  }
}
