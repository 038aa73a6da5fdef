/** What every kind of source is configured with. */
import { z } from 'zod';
import { parseDuration } from '../domain/duration.ts';
import { endpointUrl } from '../net/endpoint-url.ts';

const MAX_GRACE_S = 86_400;

const grace = z
  .string({ error: 'Write a length of time, such as 0s or 15m.' })
  .meta({ pattern: '^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$', examples: ['0s', '15m'] })
  .transform((text, context) => {
    if (text === '0s') return 0;
    const parsed = parseDuration(text);
    if (parsed.ok && parsed.seconds <= MAX_GRACE_S) return parsed.seconds;
    context.addIssue({ code: 'custom', message: parsed.ok ? 'At most 24h.' : parsed.why });
    return z.NEVER;
  });

export const secretText = z.string().min(1).max(4_096);

/** What a vendor's API is asked with: it stands in a header as it is. */
export const apiToken = secretText.regex(/^[!-~]+$/, 'A token is one word of plain characters.').optional();

/**
 * What deliveries are signed with: one secret, or up to 5 while it is being changed. Read as a list of them.
 *
 * @param secret what the kind says of a single one.
 */
export function webhookSecret<T extends z.ZodType<string>>(secret: T) {
  return z.union([secret.transform((one) => [one]), secret.array().min(1).max(5)]);
}

/** Spread into a kind's own strict object. */
export const commonConfig = {
  api_url: endpointUrl.optional().describe('Another API root than the vendor’s.'),
  severities: z
    .record(z.string().max(100), z.string().min(1).max(40))
    .default({})
    .describe('The source’s names for severities → yours: { P1: sev1 }.'),
  grace: grace.prefault('0s').describe('How long after its close an incident’s grants go on.'),
  unconfirmed: z
    .enum(['keep', 'end'])
    .default('keep')
    .describe('What happens to grants whose incident could not be confirmed for 30 minutes.'),
};
