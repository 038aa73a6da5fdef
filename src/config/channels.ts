/** Channels that everybody counts on, and that are on no platform by which Curfew speaks. */
import type { Catalog } from '../domain/catalog.ts';
import { channelsOn, PLATFORMS } from '../domain/platform.ts';
import type { Environment } from './environment.ts';
import type { Finding } from './explain.ts';

const FOR = { approvals: 'requests', alerts: 'alerts' } as const;
const WORDS = { slack: 'Slack', teams: 'Teams' } as const;

/** Nothing where no platform is in use, as on a machine that only checks the configuration. */
export function channelsNowhere(
  channels: Catalog['channels'],
  environment: Pick<Environment, 'slack' | 'teams'> | null,
): Finding[] {
  const used = PLATFORMS.filter((platform) => environment?.[platform]);
  if (used.length === 0) return [];
  return (['approvals', 'alerts'] as const).flatMap((key): Finding[] => {
    if (channelsOn(channels[key], used).length > 0) return [];
    const names = used.map((platform) => WORDS[platform]).join(' and ');
    const message = `It names no channel on ${names}, so nobody would see ${FOR[key]}: only ${names} is in use here.`;
    return [{ path: ['channels', key], message }];
  });
}
