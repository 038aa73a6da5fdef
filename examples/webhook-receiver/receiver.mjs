/**
 * A receiver for Curfew's webhook connector. README.md beside this file describes the messages.
 *
 * `createReceiver` does what every receiver must do: signatures, deadlines, generations, repeats.
 * `memoryAccess` is the part to replace by your own system's users and rights.
 *
 *   SECRET=whsec_… TARGET=my-system PORT=8080 node receiver.mjs
 */
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { Webhook } from 'standardwebhooks';

const MAX_BODY_BYTES = 64 * 1024;
/** Signatures are good for 5 minutes, and so are deadlines: after 11 no old message can come back. */
const MAX_DEADLINE_AHEAD_MS = 5 * 60_000;
const REMEMBER_MS = 11 * 60_000;

class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A request listener for `node:http`. `now` gives milliseconds, for tests. */
export function createReceiver({ secret, target, access, now = Date.now }) {
  const webhook = new Webhook(secret);
  /** Each edge's newest generation, and the grants that were carried out. Yours belong in your database. */
  const generations = new Map();
  const granted = new Map();
  /** Changes of one edge wait for each other here; in a database, lock the row. */
  const queues = new Map();

  function forget(memory) {
    for (const [key, entry] of memory) {
      if (entry.at > now() - REMEMBER_MS) break;
      memory.delete(key);
    }
  }

  function remember(memory, key, value) {
    memory.delete(key); // the oldest entry stays first
    memory.set(key, { value, at: now() });
  }

  function inTurn(key, work) {
    const turn = (queues.get(key) ?? Promise.resolve()).then(work, work);
    queues.set(key, turn);
    const done = () => queues.get(key) === turn && queues.delete(key);
    turn.then(done, done);
    return turn;
  }

  async function change(message, edge, work) {
    // Looked at only when it is this message's turn: it may have waited.
    const notAfter = Date.parse(message.not_after);
    if (!(notAfter > now())) throw new Refusal(410, 'too_late', 'the deadline has passed');
    if (notAfter > now() + MAX_DEADLINE_AHEAD_MS)
      throw new Refusal(400, 'malformed', 'the deadline is too far ahead');
    forget(generations);
    forget(granted);
    if (message.generation < (generations.get(edge)?.value ?? 0))
      throw new Refusal(409, 'stale_generation', 'a newer generation was here before');
    remember(generations, edge, message.generation);
    return work();
  }

  async function handle(message) {
    const { type, data } = message;
    if (message.target !== null && message.target !== target)
      throw new Refusal(409, 'wrong_target', `this is ${target}`);
    if (type === 'target.describe') return {};
    if (type === 'account.resolve') return access.resolve(data.email, data.account);
    if (type === 'permission.resolve') return access.resolvePermission(data.permission);
    // From here on permissions and accounts are meant by their ids, whatever they are called.
    const { permission_id: permission, account_id: account } = data;
    if (type === 'access.list') return access.list(permission, data.cursor);

    const edge = JSON.stringify([permission, account]);
    const until = message.expires_at === null ? null : new Date(message.expires_at);
    switch (type) {
      case 'access.inspect':
        return inTurn(edge, () => access.inspect(permission, account));
      case 'access.grant':
        return inTurn(edge, () =>
          change(message, edge, async () => {
            // A repeated grant is answered but not carried out again: somebody may have removed it since.
            const key = `${edge} ${message.idempotency_key}`;
            if (granted.has(key)) return granted.get(key).value;
            const result = await access.grant(permission, account, until);
            remember(granted, key, result);
            return result;
          }),
        );
      case 'access.revoke':
        // A repeated revoke is carried out again: the access may have come back.
        return inTurn(edge, () => change(message, edge, () => access.revoke(permission, account)));
      case 'access.end_sessions':
        return inTurn(edge, () =>
          change(message, edge, () => access.endSessions(permission, account, new Date(data.before))),
        );
      default:
        throw new Refusal(400, 'malformed', 'unknown type');
    }
  }

  return async (request, response) => {
    let body;
    try {
      body = await readBody(request);
      // Verify first, parse second: what is not signed is not looked at.
      webhook.verify(body, request.headers, { jsonParse: false });
    } catch {
      response.writeHead(401, { 'content-type': 'application/json', connection: 'close' });
      response.end('{"error":{"code":"bad_signature","message":"no valid signature"}}');
      return;
    }

    let status = 200;
    let answer = { attempt: '', target };
    try {
      const message = parse(body);
      answer.attempt = message.attempt;
      const result = await handle(message);
      if (result?.pending) status = 202;
      answer = { ...answer, result: result ?? {} };
    } catch (error) {
      status = error instanceof Refusal ? error.status : 500;
      const code = error instanceof Refusal ? error.code : 'failed';
      const message = error instanceof Refusal ? error.message : 'it did not work here; see our log';
      if (status === 500) console.error(error);
      answer = { ...answer, error: { code, message } };
    }
    const text = JSON.stringify(answer);
    const id = `re_${request.headers['webhook-id']}`;
    const at = new Date();
    response.writeHead(status, {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': webhook.sign(id, at, text),
    });
    response.end(text);
  };
}

async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(body) {
  const malformed = (what) => new Refusal(400, 'malformed', what);
  let message;
  try {
    message = JSON.parse(body);
  } catch {
    throw malformed('not JSON');
  }
  const isText = (value) => typeof value === 'string' && value !== '';
  const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(message) || !isObject(message.data)) throw malformed('not a message');
  if (![message.type, message.attempt, message.not_after, message.idempotency_key].every(isText))
    throw malformed('a field is missing');
  if (!Number.isSafeInteger(message.generation)) throw malformed('no generation');
  const { permission, permission_id: permissionId, account_id: accountId } = message.data;
  if (message.type === 'permission.resolve' && !isObject(permission)) throw malformed('no permission');
  if (message.type.startsWith('access.') && !isText(permissionId)) throw malformed('no permission');
  if (message.type.startsWith('access.') && message.type !== 'access.list' && !isText(accountId))
    throw malformed('no account');
  return message;
}

/**
 * Users, rights and sessions in memory: replace it. `accounts` maps mail addresses to accounts. A function
 * may return `{ pending: true }` from grant or revoke when the work will be done later.
 *
 * Everything is kept by ids that are never given again, as your system's primary keys are: a name can change,
 * and can come to mean somebody else. Here an id is the first name that its bearer had.
 */
export function memoryAccess({ accounts, permissions }) {
  const wordsOf = (permission) => JSON.stringify(Object.entries(permission).sort());
  /** Id to name of today. */
  const people = new Map(Object.values(accounts).map((name) => [name, name]));
  const rights = new Map(permissions.map(wordsOf).map((words) => [words, words]));
  const holders = new Map();
  const idOf = (names, wanted) => [...names].find(([, name]) => name === wanted)?.[0];
  const holdersOf = (id) => {
    if (!rights.has(id)) throw new Refusal(404, 'unknown_permission', 'there is no such permission here');
    if (!holders.has(id)) holders.set(id, new Set());
    return holders.get(id);
  };

  return {
    people,
    rights,
    async resolve(email, account) {
      const name = account ?? accounts[email];
      const id = idOf(people, name);
      return id === undefined
        ? { ok: false, reason: 'unknown', message: `no account for ${account ?? email}` }
        : { ok: true, account: name, id };
    },
    async resolvePermission(permission) {
      const id = idOf(rights, wordsOf(permission));
      return id === undefined
        ? { ok: false, message: 'There is no such permission here.' }
        : { ok: true, id };
    },
    async grant(permission, account) {
      if (!people.has(account)) throw new Refusal(404, 'unknown_account', 'there is no such account here');
      // Where your system can end the access itself at the given moment, let it: Curfew may be down by then.
      holdersOf(permission).add(account);
    },
    async revoke(permission, account) {
      holdersOf(permission).delete(account);
    },
    async endSessions() {
      return { ended: 0 }; // end what the account began before the given moment, and say how many
    },
    async inspect(permission, account) {
      const direct = holdersOf(permission).has(account);
      if (!people.has(account)) return { direct: false, inherited: [], gone: 'account' };
      return { direct, inherited: [], account: people.get(account) };
    },
    async list(permission) {
      const all = [...holdersOf(permission)].filter((id) => people.has(id));
      return {
        holders: all.map((id) => ({ account: people.get(id), id, direct: true, inherited: [] })),
        next: null,
      };
    },
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { SECRET, TARGET, PORT = '8080' } = process.env;
  if (!SECRET || !TARGET) {
    console.error('Set SECRET (whsec_…) and TARGET (a name of your own, such as a UUID).');
    process.exit(2);
  }
  const access = memoryAccess({
    accounts: { 'ana@acme.test': 'ana' },
    permissions: [{ role: 'operator' }],
  });
  const server = createServer(createReceiver({ secret: SECRET, target: TARGET, access }));
  server.requestTimeout = 10_000;
  server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
}
