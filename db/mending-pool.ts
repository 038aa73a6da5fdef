/**
 * A pool of postgres.js that survives the loss of its connections. By itself postgres.js 3.4.9 loses for
 * ever what is asked on a connection between its error and its close, ends the process (an exception in a
 * timer, a rejection that nobody can catch) when a transaction or the reading of array types is cut off, and
 * can leave a connection unable to send. So whenever a connection closes, a new pool takes over, and the old
 * one has two seconds to finish what it can: whatever is left then is refused, not lost.
 */
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';

const CONNECT_TIMEOUT_S = 10;
const LAST_ANSWERS_S = 2;
/** Statements with more parameters come in too many lengths to be kept by the server, one by one. */
const MOST_PREPARED_PARAMETERS = 30;
const BROKEN = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
]);

/** The pool to use for everything, `end` included; not for `reserve` or `listen`. Arrays in results stay text. */
export function openMendingPool(url: string, max: number): postgres.Sql {
  let ending = false;
  let present = open();

  function open(): postgres.Sql {
    const pool = postgres(url, {
      max,
      connect_timeout: CONNECT_TIMEOUT_S,
      // Connections close only when something is wrong.
      max_lifetime: null,
      // Arrays are sent as text (see `among`), and none is read.
      fetch_types: false,
      onnotice: () => {},
      onclose: () => {
        if (pool === present && !ending) mend();
      },
      connection: { application_name: 'curfew', statement_timeout: 30_000, lock_timeout: 10_000 },
    });
    // Sets on this pool how drizzle wants dates and JSON to arrive.
    drizzle(pool);
    return pool;
  }

  function mend(): void {
    const broken = present;
    present = open();
    void broken.end({ timeout: LAST_ANSWERS_S });
  }

  function end(): Promise<void> {
    ending = true;
    return present.end({ timeout: LAST_ANSWERS_S });
  }

  return new Proxy(
    preparing(() => present),
    {
      get: (pool, key) => (key === 'end' ? end : Reflect.get(pool, key)),
    },
  );
}

/**
 * Prepared statements, which drizzle does not ask for: without, postgres.js makes a second round trip for
 * each statement, to learn the types of its parameters.
 */
function preparing<C extends postgres.Sql | postgres.TransactionSql>(present: () => C): C {
  return new Proxy(present(), {
    get(_first, key) {
      const target = present();
      if (key === 'unsafe') {
        return (text: string, parameters: postgres.ParameterOrJSON<never>[] = []) =>
          target.unsafe(text, parameters, { prepare: parameters.length <= MOST_PREPARED_PARAMETERS });
      }
      if (key === 'begin' && 'begin' in target) {
        return (work: (tx: postgres.TransactionSql) => Promise<unknown>) =>
          target.begin((tx) => work(preparing(() => tx)).catch(withoutRollback));
      }
      return Reflect.get(target, key);
    },
  });
}

/**
 * The loss of its connection refuses a transaction by itself. The rollback that postgres.js would then send
 * on the lost connection ends the process, so it is never told that the work failed.
 */
function withoutRollback(error: unknown): Promise<never> {
  return isBroken(error) ? new Promise(() => {}) : Promise.reject(error);
}

function isBroken(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    const { code } = e as { code?: unknown };
    if (typeof code === 'string' && BROKEN.has(code)) return true;
  }
  return false;
}
