import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { documentJsonSchema } from '../../src/config/document.ts';
import { connectorKinds } from '../../src/connectors/registry.ts';
import { incidentSourceKinds } from '../../src/incidents/registry.ts';
import { packageRoot } from '../../src/package-root.ts';

/** As the project's formatter writes it, so that the file passes the lint. */
function formatted(json: string): string {
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  const flags = ['format', '--stdin-file-path=curfew.schema.json'];
  return execFileSync(process.execPath, [biome, ...flags], {
    input: json,
    encoding: 'utf8',
    cwd: packageRoot(),
  });
}

// After a change: npx vitest run test/config/schema.test.ts -u
it('editors are told the same shape that Curfew checks', async () => {
  const schema = formatted(
    JSON.stringify(
      documentJsonSchema({ connectors: connectorKinds, incidents: incidentSourceKinds }),
      null,
      2,
    ),
  );
  await expect(schema).toMatchFileSnapshot(join(packageRoot(), 'curfew.schema.json'));
});
