import { incidentIoSource } from '../../src/incidents/incident-io/incident-io-source.ts';
import { incidentIoEvent, startFakeIncidentIo, svixHeaders } from '../support/fake-incident-io.ts';
import { incidentSourceContract } from '../support/incident-source-contract.ts';

const openedAt = new Date('2026-03-01T09:58:00.000Z');
const type = 'public_incident.follow_up_created_v2';

incidentSourceContract('incident.io', {
  make: ({ secrets, api }) =>
    incidentIoSource.create(
      'incident-io',
      incidentIoSource.config.parse({
        kind: 'incident-io',
        webhook_secret: secrets.length === 1 ? secrets[0] : secrets,
        ...(api && { api_token: api.token, api_url: api.url }),
      }),
    ),
  sign: (rawBody, options) => svixHeaders(rawBody, options),
  vendor: {
    secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
    timestamped: true,
    event: incidentIoEvent,
    unknownEvent: () => ({ event_type: type, [type]: { id: '01FCNDV6P870EA6S7TK1DSYDG0' } }),
    own: [
      { word: 'INC-123', name: 'INC-123' },
      { word: 'inc-4', name: 'INC-4' },
      { word: '01FDAG4SAP5TYPT98WGR2N7W91', name: '01FDAG4SAP5TYPT98WGR2N7W91' },
      { word: 'https://app.incident.io/acme/incidents/123', name: 'INC-123' },
      { word: 'https://app.incident.io/incidents/4?tab=timeline', name: 'INC-4' },
      {
        word: 'https://app.incident.io/acme/incidents/01FDAG4SAP5TYPT98WGR2N7W91/',
        name: '01FDAG4SAP5TYPT98WGR2N7W91',
      },
    ],
    foreign: [
      '123',
      '#123',
      'INC-0',
      'INC-',
      'INC-12a',
      'INC-1234567890',
      '01FDAG4SAP5TYPT98WGR2N7W9',
      '01FDAG4SAP5TYPT98WGR2N7WIL',
      'http://app.incident.io/acme/incidents/123',
      'https://app.incident.io.example.com/acme/incidents/123',
      'https://example.com/app.incident.io/incidents/123',
      'https://user@app.incident.io/acme/incidents/123',
      'https://app.incident.io/acme/alerts/123',
      'https://app.incident.io/acme/incidents/../alerts',
    ],
    nameOf: ({ number }) => `INC-${number}`,
    told: [
      { key: '01FDAG4SAP5TYPT98WGR2N7W91', number: 123, title: 'Our “database” is <sad> & slow', openedAt },
      { key: '01FDAG4SAP5TYPT98WGR2N7W92', number: 4, title: 'A little bump in the road', openedAt },
    ],
    unheard: { key: '01FDAG4SAP5TYPT98WGR2N7W99', number: 999, title: 'Never', openedAt },
    many: (index) => ({
      key: `01FDAG4SAP5TYPT98WGR2N${String(index).padStart(4, '0')}`,
      number: 5_000 + index,
      title: `Incident ${index}`,
      openedAt: new Date(Date.UTC(2026, 0, 1) - ((index * 37) % 251) * 86_400_000),
    }),
    startApi: () => startFakeIncidentIo(),
  },
});
