/** The roles that can be asked for in the playground, for the composer to offer. */
import type { RoleChoice } from './words/completion.ts';

export const ROLES: readonly RoleChoice[] = [
  { name: 'prod-dba', title: 'Production database admin' },
  { name: 'staging-reports', title: 'Staging reports' },
  { name: 'breakglass', title: 'Production breakglass' },
];
