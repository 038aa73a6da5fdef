/**
 * The one form in which mail addresses are compared and kept: `name@domain`, ASCII letters in lower case, the
 * domain in punycode. Whatever cannot be told from another address for certain is no identity.
 *
 * JavaScript's `toLowerCase` makes the Kelvin sign a `k`, and Unicode's own normal forms do so too. So only A to
 * Z are lowered here, and text that a normal form would change is refused instead of changed.
 */
import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { lowerAscii } from './text.ts';

export type MailReading =
  | { readonly ok: true; readonly address: string }
  /** A sentence that stands by itself and does not repeat the address, which may hold anything. */
  | { readonly ok: false; readonly why: string };

/** RFC 5321, in bytes. */
const LONGEST = 254;
const LONGEST_NAME = 64;
const LONGEST_DOMAIN = 253;

const ASCII = /^[\x20-\x7e]*$/;
/** RFC 5322's dot-atom: no quotes, no comments. */
const NAME = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** The same with letters, marks and digits of any script (RFC 6532). */
const WIDE_NAME = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const TYPED_DOMAIN = /^[\p{L}\p{M}\p{N}.-]+$/u;

/**
 * @param nonAscii whether the part before the @ may have characters beyond ASCII: `identity.non_ascii_addresses`.
 *   Such characters are compared as they are, capitals too.
 */
export function readMailAddress(typed: string, { nonAscii = false } = {}): MailReading {
  const no = (why: string): MailReading => ({ ok: false, why });
  if (/[\p{C}\p{Z}]/u.test(typed)) return no('It has spaces or characters that cannot be seen.');
  if (Buffer.byteLength(typed) > LONGEST) return no(`It is longer than ${LONGEST} bytes.`);
  const at = typed.lastIndexOf('@');
  if (at < 1 || at === typed.length - 1) return no('It is not of the form name@example.com.');
  const name = lowerAscii(typed.slice(0, at));
  if (Buffer.byteLength(name) > LONGEST_NAME)
    return no(`It has more than ${LONGEST_NAME} bytes before the @.`);
  if (!ASCII.test(name)) {
    if (!nonAscii) return no('It has characters before the @ that are no plain letters, digits or signs.');
    if (name !== name.normalize('NFKC')) return no('It has characters that look like others.');
    if (!WIDE_NAME.test(name)) return no('It is not of the form name@example.com.');
  } else if (!NAME.test(name)) return no('It is not of the form name@example.com.');
  const domain = readMailDomain(typed.slice(at + 1));
  return domain === null ? no('Its domain is not one.') : { ok: true, address: `${name}@${domain}` };
}

/** A mail domain in lower case and punycode; null where it is none, or only looks like one. */
export function readMailDomain(typed: string): string | null {
  if (!TYPED_DOMAIN.test(typed) || typed !== typed.normalize('NFKC')) return null;
  const labels = typed.split('.');
  const domain = domainToASCII(lowerAscii(typed));
  const made = domain.split('.');
  if (domain.length > LONGEST_DOMAIN || labels.length < 2 || made.length !== labels.length) return null;
  if (!made.every((label) => LABEL.test(label)) || !/^[a-z]/.test(made.at(-1) ?? '')) return null;
  // What is written with other letters never becomes a plain name.
  const stays = labels.every((label, index) => ASCII.test(label) || made[index]?.startsWith('xn--'));
  return stays ? domain : null;
}

/** The domain of an address that was read. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** Whether these two are one address. Null and what is no address are nobody's. */
export function isSameAddress(a: string | null, b: string | null): boolean {
  const [one, other] = [a, b].map((each) =>
    each === null ? null : readMailAddress(each, { nonAscii: true }),
  );
  return Boolean(one?.ok && other?.ok && one.address === other.address);
}

/**
 * An address in the configuration, in its one form. Characters beyond ASCII pass here: whether they may be there
 * is said where the whole configuration is known.
 */
export const mailAddress = z
  .string()
  .max(260)
  .transform((typed, context) => {
    const read = readMailAddress(typed, { nonAscii: true });
    if (read.ok) return read.address;
    context.addIssue({
      code: 'custom',
      message: `This is no mail address that Curfew can compare. ${read.why}`,
    });
    return z.NEVER;
  });

/** A mail domain in the configuration, in its one form. */
export const mailDomain = z
  .string()
  .max(253)
  .transform((typed, context) => {
    const read = readMailDomain(typed);
    if (read !== null) return read;
    context.addIssue({ code: 'custom', message: 'Write a mail domain, such as example.com.' });
    return z.NEVER;
  });

/** A map by mail address, such as who has which account. Two spellings of one address are refused. */
export function byMailAddress<T extends z.ZodType>(value: T) {
  return z.record(z.string(), value).transform((entries, context): Record<string, z.output<T>> => {
    const read = new Map<string, z.output<T>>();
    for (const [typed, each] of Object.entries(entries)) {
      const address = mailAddress.safeParse(typed);
      if (address.success && !read.has(address.data)) read.set(address.data, each as z.output<T>);
      else {
        const why = address.success ? `${address.data} is here twice.` : address.error.issues[0]?.message;
        context.addIssue({ code: 'custom', message: why ?? 'This is no mail address.', path: [typed] });
      }
    }
    return Object.fromEntries(read);
  });
}
