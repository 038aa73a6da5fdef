/** What comes over the wire: forged, old, oversized, broken or repeated, it changes nothing and never crashes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTown, type Town } from '../support/town.ts';
import { answerText, createTalk, roleOf, type Talk } from '../support/town-talk.ts';
import { visibleText } from '../support/visible-text.ts';

const FORM = 'application/x-www-form-urlencoded';

let town: Town;
let talk: Talk;
let id = '';
let approveClick = '';
beforeAll(async () => {
  town = await createTown({ roles: ['safe', 'other'].map((key) => roleOf(key)) });
  talk = createTalk(town);
  id = await talk.asks('ana', 'safe');
  const card = await talk.card(id, '#access-approvals', /Approve/);
  const omar = { id: town.slack.person('omar').id, team_id: town.slack.workspace };
  approveClick = JSON.stringify({
    type: 'block_actions',
    user: omar,
    team: { id: town.slack.workspace },
    trigger_id: '1.2.forged',
    container: { type: 'message' },
    channel: { id: card.channel },
    actions: [{ type: 'button', action_id: 'curfew:approve:0', value: id, block_id: 'b' }],
  });
});
afterAll(() => talk.close());

const body = () => String(new URLSearchParams({ payload: approveClick }));

async function nothingChanged(): Promise<void> {
  expect(visibleText(await talk.card(id, '#access-approvals'))).toContain('[Approve]');
  expect((await talk.log()).filter(({ action }) => action.startsWith('vote.'))).toEqual([]);
  expect(town.vault.holds('safe', 'ana')).toBe(false);
}

describe('is answered 401 and changes nothing:', () => {
  it.each([
    ['signed with another secret', { secret: 'a secret of somebody else' }],
    ['signed ten minutes ago', { skewS: -600 }],
    ['signed for ten minutes from now', { skewS: 600 }],
    ['without a signature', { headers: { 'x-slack-signature': '' } }],
    ['with a signature of nonsense', { headers: { 'x-slack-signature': 'v0=00' } }],
    ['with a time of nonsense', { headers: { 'x-slack-request-timestamp': 'now' } }],
  ])('what is %s', async (_how, over) => {
    const { status, answer } = await town.slack.send({ body: body(), contentType: FORM, ...over });
    expect(status).toBe(401);
    expect(answer).toBe('');
    await nothingChanged();
  });
});

it('answers 413 to a body that is too large', async () => {
  const large = `${body()}&x=${'y'.repeat(1024 * 1024)}`;
  expect((await town.slack.send({ body: large, contentType: FORM })).status).toBe(413);
  await nothingChanged();
});

describe('is answered 400, and Curfew goes on:', () => {
  const click = (over: object) => JSON.stringify({ ...JSON.parse(approveClick), ...over });
  it.each([
    ['no JSON', () => 'payload={'],
    ['null', () => 'payload=null'],
    ['a list', () => 'payload=[]'],
    ['nobody who clicks', () => String(new URLSearchParams({ payload: click({ user: null }) }))],
    ['a person of nonsense', () => String(new URLSearchParams({ payload: click({ user: { id: '../1' } }) }))],
    ['no button', () => String(new URLSearchParams({ payload: click({ actions: [] }) }))],
    ['a type of nonsense', () => String(new URLSearchParams({ payload: click({ type: 'attack' }) }))],
    ['a command without a speaker', () => 'command=/elevate&text=mine'],
    ['nothing', () => ''],
  ])('%s', async (_what, malformed) => {
    expect((await town.slack.send({ body: malformed(), contentType: FORM })).status).toBe(400);
    await nothingChanged();
    expect(await talk.says('ana', 'mine')).toContain(id);
  });

  it('a button whose id is of nonsense gets a sentence', async () => {
    const card = await talk.card(id, '#access-approvals');
    const text = JSON.stringify(card.blocks).replaceAll(`"${id}"`, '"\'; drop table requests; --"');
    const forged = { ...card, blocks: JSON.parse(text) };
    expect(await talk.presses('omar', forged, 'approve')).toContain('There is no request');
    await nothingChanged();
  });
});

it('takes nothing that a payload says of authority: only who clicked and which id', async () => {
  const form = await talk.opens('ana', await talk.card(id, '#access-approvals'), 'approve-less');
  const asOwner = {
    ...form,
    private_metadata: JSON.stringify({ form: 'approve-less', about: id, approver: 'omar' }),
  };
  const delivery = await town.slack.submit('ana', asOwner, { duration: '10m' });
  expect(delivery.status).toBe(400);
  expect(await talk.submits('ana', form, { duration: '10m' })).toContain(
    'Nobody decides on their own access',
  );
  expect(town.vault.holds('safe', 'ana')).toBe(false);
});

it('counts a click that Slack repeats as one', async () => {
  const card = await talk.card(id, '#access-approvals', /Approve/);
  const before = town.slack.ephemerals('omar').length;
  const delivery = await town.slack.click('omar', card, 'approve');
  await delivery.again();
  const told = await town.slack.until(() => {
    const shown = town.slack.ephemerals('omar').slice(before).map(visibleText);
    return shown.length === 2 && shown;
  }, 'both deliveries to be answered');
  expect(told).toEqual([`Approved ${id} for 1 h.`, `Approved ${id} for 1 h.`]);
  await talk.card(id, '#access-approvals', /Live until/);
  expect((await talk.log()).filter(({ action }) => action === 'request.approved')).toHaveLength(1);
});

it('counts an event that Slack repeats, with its retry headers, as one', async () => {
  const { id: ana } = town.slack.person('ana');
  const user = { id: ana, team_id: town.slack.workspace, deleted: true };
  const first = await town.slack.event('user_change', { user }, { event_id: 'Ev0REPEATED' });
  const event = { type: 'event_callback', team_id: town.slack.workspace, event_id: 'Ev0REPEATED' };
  const again = await town.slack.send({
    body: JSON.stringify({ ...event, event: { type: 'user_change', user } }),
    contentType: 'application/json',
    headers: { 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' },
  });
  expect([first.status, again.status]).toEqual([200, 200]);
  await talk.card(id, '#access-approvals', /Ended/);
  expect((await talk.log()).filter(({ action }) => action === 'principal.offboarded')).toHaveLength(1);
});

it('gives a command that is repeated at the same time one answer', async () => {
  const delivery = await town.slack.command('lea', 'other 1h INC-80 once');
  const [again] = await Promise.all([delivery.again(), delivery.again()]);
  expect(answerText(again)).toBe(answerText(delivery));
  expect((await talk.log()).filter(({ details }) => details.reason === 'once')).toHaveLength(1);
});
