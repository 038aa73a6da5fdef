/** The ledger of a running Curfew, asked over its control socket. */
import type { Socket } from 'node:net';
import { ExpectedFailure } from '../expected-failure.ts';
import { type Answer, type Asked, answers, type LedgerService, type Method } from './ledger-service.ts';
import { linesOf } from './lines.ts';
import { type ControlReply, LONGEST_REPLY, PROTOCOL, replySchema, SILENCE_MS } from './protocol.ts';

export interface ControlClientOptions {
  /** A new connection; one for each question. */
  readonly connect: () => Promise<Socket>;
  /** How long the running Curfew may be silent, milliseconds. */
  readonly silenceMs?: number;
}

export function createControlClient({
  connect,
  silenceMs = SILENCE_MS,
}: ControlClientOptions): LedgerService {
  async function ask<M extends Method>(method: M, asked: Asked<M>): Promise<Answer<M>> {
    for await (const reply of conversation(method, asked)) {
      if (!('answer' in reply)) continue;
      const parsed = answers[method].safeParse(reply.answer);
      if (parsed.success) return parsed.data as Answer<M>;
      throw new ExpectedFailure(
        'The running Curfew gave an answer that this command line does not understand. Are both of one version?',
      );
    }
    throw cut();
  }

  async function* conversation(method: string, asked: unknown): AsyncGenerator<ControlReply> {
    const socket = await connect();
    // The loop below learns of it too; without a listener it would end the process.
    socket.on('error', () => {});
    try {
      socket.write(`${JSON.stringify({ v: PROTOCOL, method, asked })}\n`);
      const lines = linesOf(socket, LONGEST_REPLY);
      for (;;) {
        const next = await within(silenceMs, lines.next());
        if (next.done) throw cut();
        const reply = read(next.value);
        if ('failure' in reply) throw new ExpectedFailure(reply.failure);
        yield reply;
        if ('answer' in reply) return;
      }
    } catch (error) {
      throw error instanceof ExpectedFailure ? error : cut();
    } finally {
      socket.destroy();
    }
  }

  return {
    grants: (asked) => ask('grants', asked),
    revoke: (asked) => ask('revoke', asked),
    freeze: (asked) => ask('freeze', asked),
    freeze_status: (asked) => ask('freeze_status', asked),
    verify: (asked) => ask('verify', asked),
    head: (asked) => ask('head', asked),
    accounts: (asked) => ask('accounts', asked),
    unlink: (asked) => ask('unlink', asked),
    async *exportLines(after) {
      for await (const reply of conversation('export', { after })) if ('line' in reply) yield reply.line;
    },
  };
}

function read(line: string): ControlReply {
  try {
    return replySchema.parse(JSON.parse(line));
  } catch {
    throw cut();
  }
}

const cut = () => new ExpectedFailure('The running Curfew broke off the connection. Try again.');

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const failure = new ExpectedFailure(`The running Curfew did not answer for ${ms / 1000} s.`);
    timer = setTimeout(() => reject(failure), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
