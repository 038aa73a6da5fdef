/** The chat platforms, and which channel is meant on each of them. */

export const PLATFORMS = ['slack', 'teams'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** One name or id for every platform, or one for each; where there is none, nothing is shown there. */
export type Channel = string | Readonly<Partial<Record<Platform, string>>>;

export function channelOn(channel: Channel, platform: string): string | null {
  if (typeof channel === 'string') return channel;
  return PLATFORMS.includes(platform as Platform) ? (channel[platform as Platform] ?? null) : null;
}

export interface PlatformChannel {
  readonly platform: Platform;
  /** Name or id, as configured. */
  readonly recipient: string;
}

/** Where this channel is, on the platforms that are in use. */
export function channelsOn(channel: Channel, platforms: readonly Platform[]): readonly PlatformChannel[] {
  return platforms.flatMap((platform) => {
    const recipient = channelOn(channel, platform);
    return recipient === null ? [] : [{ platform, recipient }];
  });
}
