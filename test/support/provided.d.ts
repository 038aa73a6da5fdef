import 'vitest';

declare module 'vitest' {
  /** What `global-setup.ts` gives to every test by `inject`. */
  export interface ProvidedContext {
    /** A superuser's URL on a real PostgreSQL 18; make a database of your own with `createDatabase`. */
    pg18Url: string;
    /** The same on PostgreSQL 15. */
    pg15Url: string;
  }
}
