import { pagerdutySource } from '../../src/incidents/pagerduty/pagerduty-source.ts';
import { FAKE_FROM, startFakePagerDuty } from '../support/fake-pagerduty.ts';
import { incidentSourceContract } from '../support/incident-source-contract.ts';
import { envelope, pagerdutyEvent, pagerdutyHeaders } from '../support/pagerduty-events.ts';

const openedAt = new Date('2026-03-01T09:58:00.000Z');
const day = (index: number) => new Date(Date.UTC(2026, 0, 1) - index * 86_400_000);

incidentSourceContract('pagerduty', {
  make: ({ secrets, api }) =>
    pagerdutySource.create(
      'pagerduty',
      pagerdutySource.config.parse({
        kind: 'pagerduty',
        webhook_secret: secrets.length === 1 ? secrets[0] : secrets,
        ...(api && { api_token: api.token, api_url: api.url, from: FAKE_FROM }),
      }),
    ),
  sign: (rawBody, { secrets }) => pagerdutyHeaders(rawBody, secrets),
  vendor: {
    secrets: ['lDQHScfUeXUKaQRNF+8XIiDKZ7XX3itBAYzwU0TARw8lJqRnkKl2iB1anSb0Z+IK', 'another+secret/of=theirs'],
    timestamped: false,
    event: pagerdutyEvent,
    unknownEvent: (eventId) =>
      envelope(eventId, 'service.renamed', new Date(), { id: 'PF9KMXH', type: 'service' }),
    own: [
      { word: 'Q0F9YP0YHV2G6Z', name: 'Q0F9YP0YHV2G6Z' },
      { word: 'PGR0VU2', name: 'PGR0VU2' },
      { word: '#1042', name: '#1042' },
      { word: 'https://acme.pagerduty.com/incidents/Q0F9YP0YHV2G6Z', name: 'Q0F9YP0YHV2G6Z' },
      { word: 'https://acme.eu.pagerduty.com/incidents/PGR0VU2/timeline?x=1', name: 'PGR0VU2' },
    ],
    foreign: [
      '1042',
      '#0',
      '#12a',
      '#12345678901',
      'PD-1042',
      'PROBLEM',
      'PAYMENT',
      'pgr0vu2',
      'PGR0VU',
      'Q0F9YP0YHV2G6ZZ',
      'http://acme.pagerduty.com/incidents/PGR0VU2',
      'https://acme.pagerduty.com.example.com/incidents/PGR0VU2',
      'https://acme.pagerduty-com/incidents/PGR0VU2',
      'https://example.com/acme.pagerduty.com/incidents/PGR0VU2',
      'https://user@acme.pagerduty.com/incidents/PGR0VU2',
      'https://acme.pagerduty.com/services/PF9KMXH',
      'https://acme.pagerduty.com/incidents/../services',
    ],
    nameOf: ({ key }) => key,
    told: [
      { key: 'Q0F9YP0YHV2G6Z', number: 1042, title: 'Checkout is “down” <for> everyone', openedAt },
      { key: 'PGR0VU2', number: 2, title: 'A little bump in the road', openedAt },
    ],
    unheard: { key: 'Q000000000000X', number: 9, title: 'Never', openedAt },
    many: (index) => ({
      key: `Q${String(index).padStart(13, '0')}`,
      number: 5_000 + index,
      title: `Incident ${index}`,
      openedAt: day(index),
    }),
    startApi: () => startFakePagerDuty(),
  },
});
