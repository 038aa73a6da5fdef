/**
 * A line that can fail: put between a connector and its target to make the target vanish, slow down, fall
 * silent, act late, or be another one. Knows bytes only, so it serves PostgreSQL and HTTP alike.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Bytes flow again; whatever was held is delivered, even for a client that has gone. */
  pass(): void;
  /** The same, but whatever a client says takes this long to arrive. */
  slow(ms: number): void;
  /** Cuts every connection and resets each new one. */
  refuse(): void;
  /** Takes bytes from clients and keeps them; nothing comes back. `when` looks at a chunk: hold from there. */
  hold(when?: (chunk: Buffer) => boolean): void;
  /** Resolves once something is being held. */
  held(): Promise<void>;
  /** Cuts every connection; new ones go to `port`. */
  retarget(port: number): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1 to `upstreamPort` of 127.0.0.1. */
export async function startTcpProxy(upstreamPort: number): Promise<TcpProxy> {
  let target = upstreamPort;
  let mode: 'pass' | 'refuse' | 'hold' = 'pass';
  let delayMs = 0;
  let trigger: ((chunk: Buffer) => boolean) | null = null;
  const lines = new Set<{ flush(): void; cut(): void }>();
  let somethingHeld: () => void = () => {};
  let firstHeld = new Promise<void>(() => {});

  const server = createServer({ allowHalfOpen: true }, (client) => {
    client.on('error', () => {});
    if (mode === 'refuse') return void client.resetAndDestroy();
    const upstream = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    const kept: Buffer[] = [];
    let clientEnded = false;
    const line = {
      flush() {
        for (const chunk of kept.splice(0)) upstream.write(chunk);
        if (clientEnded) upstream.end();
      },
      cut() {
        lines.delete(line);
        for (const socket of [client, upstream]) socket.resetAndDestroy();
      },
    };
    lines.add(line);
    // Nothing is read meanwhile, so what follows, the end included, stays behind it.
    const later = (chunk: Buffer) => {
      client.pause();
      setTimeout(() => {
        if (upstream.writable) upstream.write(chunk);
        client.resume();
      }, delayMs);
    };
    client.on('data', (chunk) => {
      if (mode === 'pass' && trigger?.(chunk)) mode = 'hold';
      if (mode !== 'hold') return delayMs > 0 ? later(chunk) : void upstream.write(chunk);
      kept.push(chunk);
      somethingHeld();
    });
    // A client that has gone, by a close or by a reset, is for the target just the end of its input.
    client.on('close', () => {
      clientEnded = true;
      if (mode !== 'hold') line.flush();
    });
    client.on('end', () => {
      clientEnded = true;
      if (mode !== 'hold') line.flush();
    });
    upstream.on('data', (chunk) => {
      if (mode !== 'hold' && client.writable) client.write(chunk);
    });
    upstream.on('error', () => client.destroy());
    upstream.on('end', () => client.end());
    upstream.on('close', () => {
      lines.delete(line);
      client.end();
    });
  });
  const cutAll = () => {
    for (const line of [...lines]) line.cut();
  };
  function pass(ms: number): void {
    mode = 'pass';
    delayMs = ms;
    trigger = null;
    for (const line of lines) line.flush();
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    pass: () => pass(0),
    slow: pass,
    refuse() {
      mode = 'refuse';
      cutAll();
    },
    hold(when) {
      firstHeld = new Promise((resolve) => {
        somethingHeld = resolve;
      });
      trigger = when ?? null;
      if (!when) mode = 'hold';
    },
    held: () => firstHeld,
    retarget(port) {
      target = port;
      cutAll();
    },
    async close() {
      cutAll();
      server.close();
      await once(server, 'close');
    },
  };
}
