// What `npm run playground` and, with the word `teams`, `npm run playground:teams` run.
import { existsSync } from 'node:fs';

const built = new URL('../dist-playground/src/playground/main.js', import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  console.error('The playground is not built: it needs the development packages. Build it with: npm ci');
  process.exitCode = 1;
}
