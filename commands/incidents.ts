/** `incidents` and `incident open|close ID`: reserved until a source of incidents is configured. */
import { type Command, refuse } from './command.ts';

const NONE = { code: 'unsupported', what: 'no source of incidents is configured' } as const;

export const incidents: Command<'incidents'> = {
  usage: 'incidents',
  does: 'lists open incidents',
  run: async () => refuse(NONE),
};

export const incident: Command<'incident'> = {
  usage: 'incident open|close ID',
  does: 'opens or closes an incident by hand (admins)',
  run: async () => refuse(NONE),
};
