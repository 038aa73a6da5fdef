/** An incident and the access that people have because of it, in a real browser. */
import { afterAll, beforeAll, it } from 'vitest';
import { openPlayground, type Window } from '../support/browser.ts';

let town: Awaited<ReturnType<typeof openPlayground>>;
let ana: Window;
let omar: Window;

beforeAll(async () => {
  town = await openPlayground();
  ana = await town.window('ana');
  omar = await town.window('omar');
  await omar.go('access-approvals');
  await omar.tap('Hide these hints');
});
afterAll(() => town?.close());

it('ends access with its incident, which was chosen in the form, and says so everywhere', async () => {
  await ana.tap('Open sev1');
  await ana.sees('Curfew knows it as open.');
  await ana.say('/elevate');
  await ana.page.getByRole('dialog').waitFor();
  await ana.choose('What for', 'prod-dba');
  await ana.field('For how long').fill('1h');
  await ana.choose('Open incident', '#1042');
  await ana.field('Why').fill('the primary is down');
  await ana.submit('Ask', /Asked, as/);
  await omar.press('the primary is down', 'Approve');
  await ana.targetSays('dba', 'ana');
  await omar.tap('Acknowledge');
  await omar.sees('Curfew knows it as open, Omar has it.');
  await omar.picture('incident-live');
  await omar.tap('Resolve');
  await ana.targetSays('dba', 'nobody');
  await omar
    .message('the primary is down')
    .getByText(/since #1042 was closed; absence confirmed/)
    .waitFor();
  const note = omar.page.getByRole('region', { name: 'Note on the incident' });
  await note.getByText(/Ana \(ana@acme\.test\) held Production database admin/).waitFor();
  await omar.sees('incident.noted');
  await omar.picture('incident');
});

it('ends it with its incident though the webhooks are lost, since Curfew asks', async () => {
  await ana.tap('Open sev1');
  await ana.sees('Curfew knows it as open.');
  await ana.say('/elevate prod-dba 1h #1043 no webhook comes');
  await omar.press('no webhook comes', 'Approve');
  await ana.targetSays('dba', 'ana');
  await ana.tap('PagerDuty’s webhooks are lost');
  await ana.tap('Resolve');
  await ana.sees('Curfew knows it as open and asks within 5 minutes.');
  await ana.targetSays('dba', 'ana');
  await ana.tap('+5 min');
  await ana.targetSays('dba', 'nobody');
  await omar
    .message('no webhook comes')
    .getByText(/since #1043 was closed; absence confirmed/)
    .waitFor();
});
