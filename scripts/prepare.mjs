// Builds dist/ after an install. Without the development packages (npm ci --omit=dev) there is no compiler:
// then it says so and leaves what is there, since an install must not fail for that.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function compiler() {
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve('typescript/package.json');
    return join(dirname(manifest), 'bin', 'tsc');
  } catch {
    return null;
  }
}

const tsc = compiler();
if (tsc === null) {
  console.log('TypeScript is not installed: dist/ was not built. Build it with the development packages.');
} else {
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}
