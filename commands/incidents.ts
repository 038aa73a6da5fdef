/** `incidents` lists the open ones; `incident open|close ID [TITLE]` is for those that no source knows of. */
import { incidentsCard } from '../src/chat/cards/incidents-card.ts';
import { listOpenIncidents } from '../src/operations/list-open-incidents.ts';
import { setManualIncident } from '../src/operations/set-manual-incident.ts';
import { type Command, refuse, text } from './command.ts';

export const incidents: Command<'incidents'> = {
  usage: 'incidents',
  does: 'lists open incidents',
  async run(ctx) {
    const open = await listOpenIncidents(ctx);
    if (ctx.incidents.size === 0 && open.incidents.length === 0)
      return refuse({ code: 'unsupported', what: 'no source of incidents is configured' });
    return { kind: 'card', card: incidentsCard({ ...open, real: ctx.clocks.real() }) };
  },
};

export const incident: Command<'incident'> = {
  usage: 'incident open|close ID [TITLE]',
  does: 'opens or closes an incident by hand (admins)',
  async run(ctx, { principal: speaker, deliveryKey }, { act, reference: name, title }) {
    const to = act === 'open' ? 'open' : 'closed';
    const result = await setManualIncident(ctx, { deliveryKey, speaker, to, name, title });
    if (!result.ok) return refuse(result.refusal);
    if (!result.changed) return text({ code: result.name }, ` is ${to} already.`);
    return act === 'open'
      ? text(
          'Opened ',
          { code: result.name },
          '. Name it when you ask for access; its close ends that access.',
        )
      : text('Closed ', { code: result.name }, '. What was given for it is being taken away.');
  },
};
