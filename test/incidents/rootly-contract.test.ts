import { rootlySource } from '../../src/incidents/rootly/rootly-source.ts';
import { rootlyEnvelope, rootlyEvent, rootlyHeaders, startFakeRootly } from '../support/fake-rootly.ts';
import { incidentSourceContract } from '../support/incident-source-contract.ts';

const openedAt = new Date('2026-03-01T09:58:00.000Z');
const FIRST = 'b7eed587-50e6-44fe-b010-7a2bb05d737a';
const SECOND = '13b9a33c-c8aa-4f48-85fe-cbda49554d25';

incidentSourceContract('rootly', {
  make: ({ secrets, api }) =>
    rootlySource.create(
      'rootly',
      rootlySource.config.parse({
        kind: 'rootly',
        webhook_secret: secrets.length === 1 ? secrets[0] : secrets,
        ...(api && { api_token: api.token, api_url: api.url }),
      }),
    ),
  sign: (rawBody, options) => rootlyHeaders(rawBody, options),
  vendor: {
    secrets: ['6a1f0c2b9d8e7f605142', 'f3e2d1c0b9a897867564'],
    timestamped: true,
    // The documentation speaks of one signature only.
    signsWithSeveral: false,
    event: rootlyEvent,
    unknownEvent: (eventId) =>
      rootlyEnvelope(eventId, 'alert.created', new Date(), { id: '13c82722-ec52-4eda-aaa2-771f7c81c01c' }),
    own: [
      { word: FIRST, name: FIRST },
      { word: SECOND.toUpperCase(), name: SECOND },
      { word: 'INC-19', name: 'INC-19' },
      { word: 'inc-1', name: 'INC-1' },
      { word: '#19', name: 'INC-19' },
      { word: 'https://rootly.com/account/incidents/19-sparkling-frost', name: 'INC-19' },
      { word: 'https://acme.rootly.com/account/incidents/1/timeline?x=1', name: 'INC-1' },
      { word: `https://rootly.com/account/incidents/${SECOND}`, name: SECOND },
    ],
    foreign: [
      '19',
      '#0',
      'INC-0',
      'INC-12a',
      '19-sparkling-frost',
      'sparkling-frost',
      'http://rootly.com/account/incidents/19-sparkling-frost',
      'https://rootly.com.example.com/account/incidents/19',
      'https://notrootly.com/account/incidents/19',
      'https://user@rootly.com/account/incidents/19',
      'https://rootly.com/account/alerts/19',
      'https://rootly.com/account/incidents/../19',
    ],
    nameOf: ({ number }) => `INC-${number}`,
    told: [
      { key: FIRST, number: 19, title: 'Sparkling “Frost” on <checkout> & cart', openedAt },
      { key: SECOND, number: 1, title: 'A little bump in the road', openedAt },
    ],
    unheard: { key: '13b9a33c-c8aa-4f48-85fe-000000000000', number: 999, title: 'Never', openedAt },
    many: (index) => ({
      key: `13b9a33c-c8aa-4f48-85fe-${String(index).padStart(12, '0')}`,
      number: 5_000 + index,
      title: `Incident ${index}`,
      openedAt: new Date(Date.UTC(2026, 0, 1) - ((index * 37) % 251) * 86_400_000),
    }),
    startApi: () => startFakeRootly(),
  },
});
