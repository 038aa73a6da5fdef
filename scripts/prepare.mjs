// Builds dist/ after an install, and the playground in dist-playground/. Without the development packages
// (npm ci --omit=dev) there is no compiler: then it says so and leaves what is there, since an install must
// not fail for that.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The program of a development package; null where it is not installed. */
function program(name, path) {
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve(`${name}/package.json`);
    return join(dirname(manifest), path);
  } catch {
    return null;
  }
}

/** What cannot be built fails the install. */
function run(...words) {
  const { status } = spawnSync(process.execPath, words, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const tsc = program('typescript', 'bin/tsc');
const vite = program('vite', 'bin/vite.js');
const playground = join(root, 'tsconfig.playground.json');
if (tsc === null) {
  console.log('TypeScript is not installed: dist/ was not built. Build it with the development packages.');
} else {
  run(tsc, '-p', join(root, 'tsconfig.build.json'));
  // Only a checkout has it.
  if (vite !== null && existsSync(playground)) {
    run(tsc, '-p', playground);
    run(vite, 'build', 'src/playground/page', '--logLevel', 'warn');
  }
}
