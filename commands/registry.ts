/** Every verb that people can say. */
import { approve } from './approve.ts';
import { cancel } from './cancel.ts';
import type { Command } from './command.ts';
import { deny } from './deny.ts';
import { done } from './done.ts';
import { extend } from './extend.ts';
import type { Utterance } from './grammar.ts';
import { createHelp } from './help.ts';
import { incident, incidents } from './incidents.ts';
import { mine } from './mine.ts';
import { pending } from './pending.ts';
import { request } from './request.ts';
import { revoke } from './revoke.ts';
import { roles } from './roles.ts';
import { status } from './status.ts';
import { who } from './who.ts';

type Sayable = Exclude<Utterance['kind'], 'nothing' | 'misused'>;
export type Registry = { readonly [K in Sayable]: Command<K> };

export const registry: Registry = {
  request,
  mine,
  pending,
  roles,
  who,
  status,
  done,
  cancel,
  extend,
  revoke,
  approve,
  deny,
  incidents,
  incident,
  help: createHelp(() => Object.values(registry)),
};
