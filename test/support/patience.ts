/**
 * How long a test waits for what it waits for: a limit ends a hang, and measures nothing. On a busy machine
 * everything takes as long as it takes.
 */
export const PATIENCE_MS = 120_000;
