/** `manifest.json` is what people create their Slack app from: complete, and asking for no more than is used. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import manifest from '../manifest.json' with { type: 'json' };

/** Each scope, and the Web API method or payload that needs it. */
const SCOPES: Readonly<Record<string, { readonly for: string; readonly used: RegExp }>> = {
  'channels:history': {
    for: 'finding our own card again in a public channel',
    used: /conversations\.history/,
  },
  'channels:read': {
    for: 'finding #dba, and whether outsiders share it',
    used: /conversations\.(list|info)/,
  },
  'chat:write': { for: 'posting and changing cards', used: /chat\.(postMessage|update)/ },
  commands: { for: '/elevate', used: /app\.command\(/ },
  'groups:history': { for: 'the same in a private channel', used: /conversations\.replies/ },
  'groups:read': { for: 'the same for private channels', used: /public_channel,private_channel/ },
  'im:history': { for: 'finding our own card again in a direct message', used: /conversations\.history/ },
  'im:write': { for: 'direct messages to owners and requesters', used: /conversations\.open/ },
  'users:read': { for: 'who asks; and leavers, by user_change', used: /users\.info/ },
  'users:read.email': { for: 'owners are named by mail address', used: /users\.lookupByEmail/ },
};

const folder = new URL('../src/chat/slack/', import.meta.url);
const source = readdirSync(folder)
  .map((file) => readFileSync(new URL(file, folder), 'utf8'))
  .join('\n');

describe('scopes', () => {
  test('the manifest asks for exactly those that have a reason', () => {
    expect(manifest.oauth_config.scopes.bot).toEqual(Object.keys(SCOPES));
    expect(Object.keys(manifest.oauth_config.scopes)).toEqual(['bot']);
  });

  test.each(Object.entries(SCOPES))('%s is used', (_scope, { used }) => {
    expect(source).toMatch(used);
  });
});

test('each event that is asked for has its handler, and the other way round', () => {
  const handled = [...source.matchAll(/app\.event\('(\w+)'/g)].map(([, name]) => name);
  expect(manifest.settings.event_subscriptions.bot_events).toEqual(handled.sort());
});

test('commands, clicks, options and events come to one address', () => {
  const { interactivity, event_subscriptions } = manifest.settings;
  const urls = [
    ...manifest.features.slash_commands.map(({ url }) => url),
    interactivity.request_url,
    interactivity.message_menu_options_url,
    event_subscriptions.request_url,
  ];
  expect(new Set(urls)).toEqual(new Set(['https://curfew.example.com/slack/events']));
  expect(interactivity.is_enabled).toBe(true);
});

test('the command is /elevate, and Slack says whom people mean by @name', () => {
  expect(manifest.features.slash_commands).toMatchObject([{ command: '/elevate', should_escape: true }]);
});

test('there is a home page, a place for direct messages, and a bot', () => {
  expect(manifest.features.app_home).toMatchObject({ home_tab_enabled: true, messages_tab_enabled: true });
  expect(manifest.features.bot_user.display_name).toBe('Curfew');
});

test('texts fit Slack’s limits', () => {
  const { name, description, long_description } = manifest.display_information;
  expect(name.length).toBeLessThanOrEqual(35);
  expect(description.length).toBeLessThanOrEqual(140);
  expect(long_description.length).toBeGreaterThanOrEqual(174);
  expect(long_description.length).toBeLessThanOrEqual(4000);
  for (const { description: text, usage_hint } of manifest.features.slash_commands) {
    expect(text.length).toBeLessThanOrEqual(2000);
    expect(usage_hint.length).toBeLessThanOrEqual(1000);
  }
});

test('nothing is in it that Slack does not know', () => {
  expect(Object.keys(manifest).sort()).toEqual([
    'display_information',
    'features',
    'oauth_config',
    'settings',
  ]);
  expect(Object.keys(manifest.features).sort()).toEqual(['app_home', 'bot_user', 'slash_commands']);
});
