/**
 * The key of the audit log. Its owner signs every sealed batch (Ed25519, so that an outsider can verify with
 * the public key alone) and authenticates what waits to be sealed (HMAC-SHA256, with a key derived from it).
 */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';

/** Checks signatures; made from a public key. */
export interface AuditVerifier {
  /** The first 16 hex digits of the SHA-256 of the public key's DER form; stands in every signature. */
  readonly id: string;
  /** `signature`: as `AuditKey.sign` gives it, the key's id included. */
  verifies(text: string, signature: string): boolean;
}

export interface AuditKey extends AuditVerifier {
  /** PEM, for outsiders. */
  readonly publicKey: string;
  /** `<key id>.<Ed25519 signature in base64url>` over the UTF-8 bytes of `text`. */
  sign(text: string): string;
  /** HMAC-SHA256 of `text`, 64 hex digits. */
  mac(text: string): string;
  macFits(text: string, mac: string): boolean;
}

/** What a PKCS #8 Ed25519 key in DER begins with (RFC 8410); 32 bytes of seed follow. */
const PKCS8_ED25519_HEX = '302e020100300506032b657004220420';

/**
 * Makes the key from the text of `CURFEW_AUDIT_KEY`: an Ed25519 private key in PEM, or any other secret, from
 * which one is derived. Throws an `Error` with a sentence for people where the PEM holds no such key.
 */
export function createAuditKey(secret: string): AuditKey {
  const privateKey = secret.includes('-----BEGIN') ? readPem(secret) : deriveKey(secret);
  const publicKey = createPublicKey(privateKey);
  const material = privateKey.export({ type: 'pkcs8', format: 'der' });
  const macKey = Buffer.from(hkdfSync('sha256', material, '', 'curfew audit inbox', 32));
  const verifier = verifierOf(publicKey);
  const mac = (text: string) => createHmac('sha256', macKey).update(text).digest();
  return {
    ...verifier,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (text) => `${verifier.id}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`,
    mac: (text) => mac(text).toString('hex'),
    macFits: (text, given) =>
      /^[0-9a-f]{64}$/.test(given) && timingSafeEqual(mac(text), Buffer.from(given, 'hex')),
  };
}

/** Reads a public key in PEM. Throws an `Error` with a sentence for people where it holds no Ed25519 key. */
export function createAuditVerifier(pem: string): AuditVerifier {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw new Error('This is no public key in PEM.', { cause });
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('The public key must be an Ed25519 key.');
  return verifierOf(key);
}

/** Whose signature this is; null: it has not the form of one. */
export function signerOf(signature: string): string | null {
  return /^([0-9a-f]{16})\.[A-Za-z0-9_-]{86}$/.exec(signature)?.[1] ?? null;
}

function verifierOf(key: KeyObject): AuditVerifier {
  const id = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
  return {
    id,
    verifies: (text, signature) =>
      signerOf(signature) === id &&
      verify(null, Buffer.from(text), key, Buffer.from(signature.slice(id.length + 1), 'base64url')),
  };
}

function readPem(pem: string): KeyObject {
  let key: KeyObject;
  try {
    // A variable on one line has its line ends escaped.
    key = createPrivateKey(pem.replaceAll('\\n', '\n'));
  } catch (cause) {
    throw new Error('This is no private key in PEM.', { cause });
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new Error('The key must be an Ed25519 key: openssl genpkey -algorithm ed25519.');
  }
  return key;
}

function deriveKey(secret: string): KeyObject {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'curfew audit ed25519', 32));
  return createPrivateKey({
    key: Buffer.concat([Buffer.from(PKCS8_ED25519_HEX, 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  });
}
