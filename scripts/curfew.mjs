#!/usr/bin/env node
// What `npx curfew` runs. Not dist/src/cli.js itself: npm links the command and makes it executable once, at
// its first use, and a later build from scratch would leave a file that cannot be executed.
import { existsSync } from 'node:fs';

const built = new URL('../dist/src/cli.js', import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  console.error('Curfew is not built yet. Build it with: npm run build');
  process.exitCode = 1;
}
