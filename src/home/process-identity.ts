/** Which process is meant, when process ids are used again: the id, with when it began. */
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** When it began, as the system counts it, and in which boot; null where there is no `/proc`. */
  readonly began: string | null;
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, began: began(pid) };
}

/** Whether that very process is still running. Where it cannot be told, it is taken to be. */
export function isRunning({ pid, began: then }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  const now = began(pid);
  return then === null || now === null || now === then;
}

/** Field 22 of proc_pid_stat(5), behind the command's name, which may itself hold spaces and brackets. */
function began(pid: number): string | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    // A zombie is over: it holds nothing any more.
    if (fields[0] === 'Z' || fields[0] === 'X') return 'over';
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}:${fields[19]}`;
  } catch {
    return null;
  }
}
