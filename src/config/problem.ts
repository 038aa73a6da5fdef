/** What is wrong with the configuration, and where. */

export type ConfigPath = readonly (string | number)[];

export interface Problem {
  /** The file's name as it was given, or `environment`. */
  readonly file: string;
  /** 1-based; null where there is no place to point at. */
  readonly line: number | null;
  readonly column: number | null;
  /** Such as `roles.prod-dba.owners[0]`, or a variable's name; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  /** True: Curfew does not start. False: it starts, and the role concerned cannot be requested. */
  readonly stops: boolean;
}

/** `curfew.yaml:12:7 roles.prod-dba.owners: it has no owner ...` */
export function formatProblem({ file, line, column, path, message }: Problem): string {
  const where = line === null ? file : `${file}:${line}:${column}`;
  return `${where}${path === '' ? '' : ` ${path}`}: ${message}`;
}

export function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (a, b) =>
      compare(a.file, b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0) ||
      compare(a.path, b.path) ||
      compare(a.message, b.message),
  );
}

export function showPath(path: ConfigPath): string {
  return path.reduce<string>((shown, step) => {
    if (typeof step === 'number') return `${shown}[${step}]`;
    return shown === '' ? step : `${shown}.${step}`;
  }, '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
