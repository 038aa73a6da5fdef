import { join } from 'node:path';
import { expect, it } from 'vitest';
import { documentJsonSchema } from '../../src/config/document.ts';
import { connectorKinds } from '../../src/connectors/registry.ts';
import { packageRoot } from '../../src/package-root.ts';

it('editors are told the same shape that Curfew checks (after a change: npx vitest run test/config/schema.test.ts -u)', async () => {
  const schema = `${JSON.stringify(documentJsonSchema(connectorKinds), null, 2)}\n`;
  await expect(schema).toMatchFileSnapshot(join(packageRoot(), 'curfew.schema.json'));
});
