/** What of the app's manifest Slack acts on. https://docs.slack.dev/reference/app-manifest */
import { z } from 'zod';

const manifest = z.object({
  features: z.object({
    slash_commands: z
      .array(z.object({ command: z.string(), url: z.url(), should_escape: z.boolean().default(false) }))
      .default([]),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({
    event_subscriptions: z.object({ request_url: z.url(), bot_events: z.array(z.string()) }),
    interactivity: z.object({
      is_enabled: z.boolean(),
      request_url: z.url(),
      message_menu_options_url: z.url().optional(),
    }),
  }),
});

export type Manifest = z.infer<typeof manifest>;

/** Throws where it is not such a manifest. */
export function readManifest(given: unknown): Manifest {
  return manifest.parse(given);
}
