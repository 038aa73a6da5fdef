/**
 * What Slack sends to the app, as forms and JSON.
 * https://docs.slack.dev/reference/interaction-payloads, https://docs.slack.dev/apis/events-api
 */
import type { Outgoing } from './deliver.ts';
import { APP, freshId, TEAM } from './ids.ts';
import type { Json } from './json.ts';
import type { Person } from './people.ts';

const FORM = 'application/x-www-form-urlencoded';
/** Deprecated, and still sent; the signature counts. */
const LEGACY_TOKEN = 'playground';

export function commandRequest(path: string, fields: Record<string, string>, person: Person): Outgoing {
  const all = {
    token: LEGACY_TOKEN,
    team_id: TEAM.id,
    team_domain: TEAM.domain,
    user_id: person.id,
    user_name: person.handle,
    api_app_id: APP,
    is_enterprise_install: 'false',
    ...fields,
  };
  return { path, contentType: FORM, body: String(new URLSearchParams(all)) };
}

export function interactionRequest(path: string, person: Person, payload: Json): Outgoing {
  const all = {
    user: { id: person.id, username: person.handle, name: person.handle, team_id: TEAM.id },
    team: TEAM,
    api_app_id: APP,
    token: LEGACY_TOKEN,
    enterprise: null,
    is_enterprise_install: false,
    ...payload,
  };
  return {
    path,
    contentType: FORM,
    body: String(new URLSearchParams({ payload: JSON.stringify(all) })),
  };
}

export function eventRequest(path: string, event: Json, at: Date): Outgoing {
  const body = JSON.stringify({
    token: LEGACY_TOKEN,
    team_id: TEAM.id,
    api_app_id: APP,
    type: 'event_callback',
    event_id: freshId('Ev'),
    event_time: Math.floor(at.getTime() / 1000),
    event: { event_ts: `${Math.floor(at.getTime() / 1000)}.000100`, ...event },
  });
  return { path, contentType: 'application/json', body };
}
