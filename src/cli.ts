import { runCli } from './cli/program.ts';

const { stdin, stdout, stderr, env } = process;

// `curfew audit export | head` closes our output early, and that is nothing to complain about.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  env,
  workingDirectory: process.cwd(),
  stdin,
  stdout,
  stderr,
});
