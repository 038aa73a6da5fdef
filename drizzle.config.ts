import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: [
    './db/schema.ts',
    './db/schema-service.ts',
    './db/schema-messages.ts',
    './db/schema-audit.ts',
    './db/schema-addresses.ts',
    './db/schema-incidents.ts',
  ],
  out: './db/migrations',
});
