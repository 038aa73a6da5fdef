// Starts the built service with the environment as it is, and prints as JSON what it has loaded of Teams'
// packages, the milliseconds that the start took and the megabytes that it takes up; then it ends.
import { createRequire } from 'node:module';
import path from 'node:path';

const [program, workingDirectory] = process.argv.slice(2);
const began = performance.now();
const { serve } = await import(program);
const service = await serve({ env: process.env, workingDirectory });
const startMs = Math.round(performance.now() - began);
const loaded = Object.keys(createRequire(import.meta.url).cache)
  .flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file.split(path.sep).join('/'))?.[1] ?? [])
  .filter((name) => /^botbuilder|^botframework-|^@azure\//.test(name));
const packages = [...new Set(loaded)].sort();
console.log(JSON.stringify({ packages, startMs, rssMb: Math.round(process.memoryUsage.rss() / 1e6) }));
await service.stop();
process.exit(0);
