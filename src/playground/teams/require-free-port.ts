import { once } from 'node:events';
import { createServer } from 'node:net';
import { ExpectedFailure } from '../../expected-failure.ts';

/** Throws an `ExpectedFailure` that names the variable to change. 0 is always free. */
export async function requireFreePort(port: number, variable: string): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    throw new ExpectedFailure(
      `Port ${port} cannot be used: something else has it. Choose another by ${variable}.`,
    );
  }
  server.close();
  await once(server, 'close');
}
