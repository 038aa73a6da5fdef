/**
 * A pool of postgres.js that survives the loss of its connections. By itself postgres.js 3.4.9 loses for
 * ever what is asked on a connection between its error and its close, ends the process (an exception in a
 * timer, a rejection that nobody can catch) when a transaction or the reading of array types is cut off, and
 * can leave a connection unable to send. So whenever a connection closes, a new pool takes over, and the old
 * one has two seconds to finish what it can: whatever is left then is refused, not lost.
 */
import { Duplex } from 'node:stream';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { connectTls } from '../src/net/postgres-tls.ts';
import type { PostgresAddress } from '../src/net/postgres-url.ts';

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

const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 10_000;
/** What connections of one's own are given when they begin, and borrowed ones in each transaction. */
const TIME_LIMITS = { statement_timeout: STATEMENT_TIMEOUT_MS, lock_timeout: LOCK_TIMEOUT_MS };
const SET_TIME_LIMITS = Object.entries(TIME_LIMITS)
  .map(([name, ms]) => `set local ${name} = ${ms}`)
  .join('; ');

/**
 * The pool to use for everything, `end` included; not for `reserve` or `listen`. Arrays in results stay text.
 *
 * Behind a pooler that lends its connections for a transaction each (`address.pooled`), nothing is left on a
 * connection: no prepared statements, time limits in each transaction, and a transaction for each statement.
 */
export function openMendingPool(address: PostgresAddress, max: number): postgres.Sql {
  const { host, port, user, password, database, pooled, tls } = address;
  let ending = false;
  let present = open();

  function open(): postgres.Sql {
    const pool = postgres({
      host,
      port,
      user,
      password,
      database,
      ssl: false,
      ...(tls && { socket: () => connectTls(address, CONNECT_TIMEOUT_S).catch(failedLine) }),
      prepare: !pooled,
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
      connection: {
        application_name: address.applicationName ?? 'curfew',
        ...(pooled ? {} : TIME_LIMITS),
      },
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

  return new Proxy(pooled ? borrowing(() => present) : preparing(() => present), {
    get: (pool, key) => (key === 'end' ? end : Reflect.get(pool, key)),
  });
}

/**
 * A connection that fails as soon as somebody listens. A rejection in its place would be counted by postgres.js
 * as a connection that is being made, for ever: after as many as the pool may have, every statement would wait.
 */
function failedLine(error: Error): Duplex {
  const late = error.name === 'AbortError' || error.name === 'TimeoutError';
  const noAnswer = () => Object.assign(new Error('no connection in time'), { code: 'CONNECT_TIMEOUT' });
  const line = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  setImmediate(() => line.destroy(late ? noAnswer() : error));
  return line;
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

/** The time limits are the first statement of every transaction; a statement by itself is one too. */
function borrowing(present: () => postgres.Sql): postgres.Sql {
  const begin = <T>(work: (tx: postgres.TransactionSql) => Promise<T>) =>
    present().begin((tx) => {
      // Not waited for: it is sent with what follows, and where it fails so does the transaction.
      const limits = tx.unsafe(SET_TIME_LIMITS);
      return Promise.all([limits, work(tx)])
        .then(([, result]) => result)
        .catch(withoutRollback);
    });
  const unsafe = (text: string, parameters: postgres.ParameterOrJSON<never>[] = []) => ({
    values: () => begin((tx) => tx.unsafe(text, parameters).values()),
    // biome-ignore lint/suspicious/noThenProperty: drizzle awaits what `unsafe` gives, or asks it for values.
    then: (...listeners: Parameters<Promise<unknown>['then']>) =>
      begin((tx) => tx.unsafe(text, parameters)).then(...listeners),
  });
  return new Proxy(present(), {
    get(_first, key) {
      if (key === 'unsafe') return unsafe;
      return key === 'begin' ? begin : Reflect.get(present(), key);
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
