/** One person sends a great deal at once, to a target that does not answer: other people's access ends all the same. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/domain/limits.ts';
import { createTown, type Town } from '../support/town.ts';
import { createTalk, roleOf, type Talk } from '../support/town-talk.ts';

const COMMANDS = 200;
const roles = [
  roleOf('held'),
  roleOf('kept'),
  ...Array.from({ length: COMMANDS }, (_, n) => roleOf(`flood-${n}`)),
];

let town: Town;
let talk: Talk;
beforeAll(async () => {
  town = await createTown({ roles, limits: DEFAULT_LIMITS });
  talk = createTalk(town);
});
afterAll(() => talk.close());

it('ends what is due, and what people hand back, during 200 commands at once that nothing answers', async () => {
  await talk.live('ana', 'held');
  const kept = await talk.live('lea', 'kept');
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  // Only who asks is looked up there.
  town.vault.onBefore((call) => (call === 'resolveAccount' ? opened : Promise.resolve()));

  const answers = Array.from({ length: COMMANDS }, (_, n) =>
    talk.says('dee', `flood-${n} 1h INC-${n} flooding`),
  );
  const refused = await answers[COMMANDS - 1];
  expect(refused).toMatch(/more than 30 within a minute, so nothing was recorded/);
  await talk.says('lea', `done ${kept}`);
  town.pass(3600);
  await town.slack.until(
    () => !town.vault.holds('held', 'ana') && !town.vault.holds('kept', 'lea'),
    'both to end',
  );

  open();
  const said = await Promise.all(answers);
  const counted = (words: RegExp) => said.filter((answer) => words.test(answer)).length;
  expect(counted(/more than 30 within a minute/)).toBe(COMMANDS - 30);
});
