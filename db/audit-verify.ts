/** Follows the chain of the audit log from its beginning: hashes, signatures, and what was found by the sealer. */
import { asc } from 'drizzle-orm';
import {
  type AuditEvent,
  GENESIS_HASH,
  type Head,
  headText,
  inboxText,
  misfit,
} from '../src/domain/audit-chain.ts';
import { type AuditVerifier, signerOf } from '../src/domain/audit-key.ts';
import { readEvents } from './audit.ts';
import { KEY_ADOPTED, SEAL_BATCH, TAMPERED } from './audit-seal.ts';
import type { Tx } from './client.ts';
import { auditInbox } from './schema-audit.ts';

export interface Verification {
  readonly ok: boolean;
  /** How many sealed events fit. */
  readonly events: number;
  /** Written but not yet sealed: not covered by the answer. */
  readonly unsealed: number;
  readonly head: Head | null;
  /** The first event from which on signatures are there; null: none is. */
  readonly signedFrom: number | null;
  /** Whether the signatures were held against a key. */
  readonly signaturesChecked: boolean;
  /** The first thing that does not fit, in words; null when all fits. */
  readonly problem: string | null;
}

/**
 * @param expected a head noted earlier: finds a cut tail
 * @param keys whose signatures count; with any, the whole log has to be signed, from its first event to its last
 * @param unsignedThrough the last event before there was a key, by the word of whoever verifies: up to here
 *   nothing has to be signed
 */
export async function verifyAudit(
  db: Tx,
  expected: Head | null,
  keys: readonly AuditVerifier[] = [],
  unsignedThrough: Head | null = null,
): Promise<Verification> {
  let previous: Head = { seq: 0, hash: GENESIS_HASH };
  let problem: string | null = null;
  const signatures = createSignatureCheck(keys, unsignedThrough);
  for await (const event of readEvents(db)) {
    problem = misfit(event, previous) ?? signatures.look(event);
    if (!problem && expected?.seq === event.seq && expected.hash !== event.hash) {
      problem = `event ${event.seq} is not the one whose hash was noted`;
    }
    if (!problem && unsignedThrough?.seq === event.seq && unsignedThrough.hash !== event.hash) {
      problem = `event ${event.seq} is not the one that was named as the last before there was a key`;
    }
    if (problem) break;
    previous = { seq: event.seq, hash: event.hash };
  }
  if (!problem && expected && expected.seq > previous.seq) {
    problem = `the log ends at event ${previous.seq}, but event ${expected.seq} was noted: the tail was cut`;
  }
  problem ??= signatures.atEnd(previous.seq);
  const inbox = await db.select().from(auditInbox).orderBy(asc(auditInbox.id));
  problem ??= forgedIn(db, inbox, signatures.from());
  return {
    ok: problem === null,
    events: previous.seq,
    unsealed: inbox.length,
    head: previous.seq === 0 ? null : previous,
    signedFrom: signatures.from(),
    signaturesChecked: keys.length > 0,
    problem,
  };
}

/** With its own key a process knows what waits to be sealed and was not written with that key. */
function forgedIn(
  { auditKey }: Tx,
  inbox: readonly (typeof auditInbox.$inferSelect)[],
  signedFrom: number | null,
): string | null {
  if (auditKey === null || signedFrom === null) return null;
  const forged = inbox.find((row) => row.mac === null || !auditKey.macFits(inboxText(row), row.mac));
  return forged ? `${forged.action} by ${forged.actor}, not sealed yet, was not written with the key` : null;
}

/** The most events that a first signature can stand behind: those of its batch, the sealer's own among them. */
const MOST_IN_BATCH = SEAL_BATCH + 1;

function createSignatureCheck(keys: readonly AuditVerifier[], unsignedThrough: Head | null) {
  const byId = new Map(keys.map((key) => [key.id, key]));
  let from: number | null = null;
  let through = 0;

  /** Whoever writes the log anew without the key makes it look like one that had no key until then. */
  function unsignedBeginning(event: AuditEvent): string | null {
    const begun = unsignedThrough?.seq ?? 0;
    const adopts = event.action === KEY_ADOPTED && event.details.previous === null && event.seq > 1;
    if (adopts && event.seq !== begun + 1) {
      return (
        `nothing vouches for events 1 to ${event.seq - 1}, behind which event ${event.seq} adopted a first key ` +
        `at ${event.at.toISOString()}: pass --unsigned-through ${event.seq - 1}:${event.prevHash} ` +
        'if the key was set at that time by you, else the log was written anew'
      );
    }
    if (event.signature !== null && from === null && event.seq > begun + MOST_IN_BATCH) {
      return `event ${event.seq} bears the first signature, and no event says from when on there was a key`;
    }
    return null;
  }

  return {
    from: () => from,
    /** What is wrong with this event by what its signature, or the sealer, says; null: nothing. */
    look(event: AuditEvent): string | null {
      if (event.action === TAMPERED) {
        return `event ${event.seq} says what was found when it was sealed: ${String(event.details.message)}`;
      }
      if (event.action === KEY_ADOPTED && event.details.previous === null && from !== null) {
        return `event ${event.seq} adopts a key as the first one, and there was one before`;
      }
      const beginning = keys.length === 0 ? null : unsignedBeginning(event);
      if (beginning) return beginning;
      if (event.signature === null) return null;
      from ??= event.seq;
      through = event.seq;
      if (keys.length === 0) return null;
      const signer = signerOf(event.signature);
      const key = signer === null ? undefined : byId.get(signer);
      if (!key) {
        return `event ${event.seq} is signed with another key (${signer ?? 'of no known form'})`;
      }
      return key.verifies(headText(event), event.signature)
        ? null
        : `the signature of event ${event.seq} does not fit it`;
    },
    /** With a key, everything has to be covered by a signature. */
    atEnd(last: number): string | null {
      if (keys.length === 0 || last === through) return null;
      return `event ${through + 1} and what follows is not signed`;
    },
  };
}
