/** Starts and steers child processes of `fault-child.ts`. Every child ends with the test file that started it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { packageRoot } from '../../src/package-root.ts';
import type { Acts, Order, Report } from './fault-child.ts';

/** A child was gone before it answered. */
export class ChildGone extends Error {
  override readonly name = 'ChildGone';
}

export interface FaultChild {
  /** Rejects with `ChildGone` when the child dies first, and with the child's own error otherwise. */
  run<A extends keyof Acts>(act: A, input: Parameters<Acts[A]>[0]): Promise<Awaited<ReturnType<Acts[A]>>>;
  /** Resolves with the step's name once the child waits at the step it was to be held at. */
  readonly held: Promise<string>;
  /** SIGKILL, if it still lives; resolves when it is gone, with the signal that ended it. */
  kill(): Promise<NodeJS.Signals | null>;
}

const living = new Set<ChildProcess>();

export function startChild(): FaultChild {
  const program = path.join(packageRoot(), 'dist-test/test/support/fault-child.js');
  const child = fork(program, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  living.add(child);
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4000);
  });
  const gone = once(child, 'exit').then(([, signal]) => {
    living.delete(child);
    return signal as NodeJS.Signals | null;
  });

  interface Waiting {
    readonly resolve: (value: unknown) => void;
    readonly reject: (error: Error) => void;
  }
  const waiting = new Map<number, Waiting>();
  let number = 0;
  let hold = (_step: string) => {};
  const held = new Promise<string>((resolve) => {
    hold = resolve;
  });
  child.on('message', (message) => {
    const report = message as Report;
    if ('held' in report) return hold(report.held);
    const asked = waiting.get(report.number);
    waiting.delete(report.number);
    if ('error' in report) asked?.reject(new Error(`${report.error}\n${complaint}`));
    else asked?.resolve(report.value);
  });
  void gone.then((signal) => {
    const error = new ChildGone(`the child was gone (${signal ?? 'by itself'})\n${complaint}`);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });

  return {
    run(act, input) {
      const answer = new Promise<Awaited<ReturnType<Acts[typeof act]>>>((resolve, reject) => {
        number += 1;
        waiting.set(number, { resolve: resolve as (value: unknown) => void, reject });
        const order: Order = { number, act, input };
        child.send(order, (error) => {
          if (error) reject(new ChildGone(error.message));
        });
      });
      // A test may kill a child whose answer it does not wait for.
      answer.catch(() => {});
      return answer;
    },
    held,
    kill() {
      child.kill('SIGKILL');
      return gone;
    },
  };
}

/** For `afterAll`. */
export async function endChildren(): Promise<void> {
  const ends = [...living].map((child) => once(child, 'exit'));
  for (const child of living) child.kill('SIGKILL');
  await Promise.all(ends);
}
