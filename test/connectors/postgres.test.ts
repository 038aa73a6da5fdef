import { inject } from 'vitest';
import { connectorContract } from '../support/connector-contract.ts';
import { postgresFixture } from '../support/postgres-fixture.ts';

connectorContract({
  name: 'postgres on 18',
  setUp: () => postgresFixture(inject('pg18Url'), inject('pg15Url')),
});
connectorContract({
  name: 'postgres on 15',
  setUp: () => postgresFixture(inject('pg15Url'), inject('pg18Url')),
});
