/**
 * The steps of a child's life, in order: each is written down in a file before it is passed, so that what
 * was reached is known after a kill. At a chosen step the child is killed, or waits until it is released.
 */
import { appendFileSync } from 'node:fs';

export interface StepPlan {
  /** Gets a line for each step. */
  readonly file: string;
  /** SIGKILL when this step is reached for the `time`th time; null: never. */
  readonly killAt: { readonly step: string; readonly time: number } | null;
  /** Wait for `release` the first time that this step is reached. */
  readonly holdAt?: string;
}

export interface Steps {
  pass(name: string): Promise<void>;
  release(): void;
}

export function createSteps({ file, killAt, holdAt }: StepPlan): Steps {
  const times = new Map<string, number>();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });

  return {
    async pass(name) {
      appendFileSync(file, `${name}\n`);
      const time = (times.get(name) ?? 0) + 1;
      times.set(name, time);
      // Nothing of this process runs after the kill, not even what the event loop has ready.
      if (name === killAt?.step && time === killAt.time) process.kill(process.pid, 'SIGKILL');
      if (name !== holdAt || time > 1) return;
      process.send?.({ held: name });
      await released;
    },
    release: () => release(),
  };
}
