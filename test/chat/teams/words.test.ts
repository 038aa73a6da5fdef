/** Words are read as people wrote them, whatever Teams puts around them or leaves out. */
import { expect, it } from 'vitest';
import { parseActivity } from '../../../src/chat/teams/parse.ts';
import { BOT, mentionOf, people, words } from '../../support/teams-activities.ts';

function said(activity: object): string | undefined {
  const parsed = parseActivity(activity);
  return parsed.kind === 'inbound' && parsed.inbound.kind === 'words' ? parsed.inbound.text : undefined;
}

const bare = ({ text, ...mention }: ReturnType<typeof mentionOf>) => mention;
const group = (text: string | null | undefined, entities: object[]) => ({
  ...words('', 'groupChat'),
  text,
  entities,
});

it.each([
  ['no words', null, [mentionOf(BOT)], ''],
  ['no field for words', undefined, [mentionOf(BOT)], ''],
  ['empty words', '', [mentionOf(BOT)], ''],
  ['a mention whose text is null', '<at>Curfew</at>', [{ ...mentionOf(BOT), text: null }], ''],
  ['a mention whose text is empty', '<at>Curfew</at> ', [{ ...mentionOf(BOT), text: '' }], ''],
  ['a mention without text and no words', null, [bare(mentionOf(BOT))], ''],
  ['words after a mention without text', '<at>Curfew</at>&nbsp;mine\n', [bare(mentionOf(BOT))], 'mine'],
  ['a mention in other letters', '<at id="0">curfew</at> mine', [bare(mentionOf(BOT))], 'mine'],
  [
    'a mention that names nobody',
    '<at>Curfew</at> mine',
    [{ type: 'mention', text: null, mentioned: { id: BOT.id } }],
    'mine',
  ],
  [
    'a mention whose text stands nowhere',
    '<at>Curfew</at> mine',
    [{ ...mentionOf(BOT), text: '<at id="28:0a">Curfew</at>' }],
    'mine',
  ],
  [
    'other people mentioned without text',
    '<at>Curfew</at> revoke <at>Omar Haddad</at>',
    [bare(mentionOf(people.omar)), bare(mentionOf(BOT))],
    'revoke <@29:omar-address|Omar-Haddad>',
  ],
])('%s: what was said is read', (_name, text, entities, expected) => {
  expect(said(group(text, entities))).toBe(expected);
});

it('nobody is mentioned by a name that is only typed', () => {
  expect(said(group('<at>Curfew</at> revoke <at>Omar Haddad</at>', [bare(mentionOf(BOT))]))).toBe(
    'revoke <at>Omar Haddad</at>',
  );
});

const REPLY = '<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="1783419459151">';
it.each([
  ['<quoted messageId="1783419459151"/>done', 'done'],
  ['<quoted messageId="1783419459151"/><at>Curfew</at> mine', 'mine'],
  ['<at>Curfew</at> <quoted messageId="1"/> <quoted messageId="2"></quoted> mine', 'mine'],
  ['<quoted messageId="1783419459151"/>', ''],
  ['<attachment id="1783419459151"></attachment>\n<at>Curfew</at> mine', 'mine'],
  [
    `${REPLY}<strong itemprop="mri">Omar</strong><p itemprop="preview">deny R-7K3M</p></blockquote>mine`,
    'mine',
  ],
  [`${REPLY}deny<blockquote>cancel</blockquote>R-7K3M</blockquote> mine`, 'mine'],
])('of a reply %j only what is new is read: %j', (text, expected) => {
  const reference = { contentType: 'messageReference', content: '{"messagePreview":"deny R-7K3M"}' };
  const entities = [
    mentionOf(BOT),
    { type: 'quotedReply', quotedReply: { messageId: '1783419459151', preview: 'deny R-7K3M' } },
  ];
  expect(said({ ...words('', 'groupChat'), text, entities, attachments: [reference] })).toBe(expected);
  expect(said({ ...words(''), text, entities, attachments: [reference] })).toBe(expected);
});

it('a placeholder that somebody typed is a word', () => {
  expect(said(words('x 1h why &lt;quoted messageId="1"/&gt;'))).toBe('x 1h why <quoted messageId="1"/>');
});

it.each(['<blockquote ', '<at>', '<at ', '<quoted ', '<blockquote>', '</blockquote>'])(
  'a text of nothing but %j is read at once',
  (piece) => {
    const text = piece.repeat(99_000 / piece.length);
    expect(said(group(text, [bare(mentionOf(BOT))]))).toBeTypeOf('string');
  },
);
