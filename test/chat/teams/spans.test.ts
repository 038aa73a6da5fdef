import { describe, expect, test } from 'vitest';
import type { Line } from '../../../src/chat/card.ts';
import { createMentions, textElement, toPlainText, toTextRuns } from '../../../src/chat/teams/spans.ts';
import { clean, cut, inertMarkdown, withPlainStart } from '../../../src/chat/teams/text.ts';
import { cardText, nodesOf } from '../../support/adaptive-cards.ts';

const omar = { platform: 'teams', userId: '8a4f1a0e-0000-4000-8000-00000000000b', name: 'Omar' };
const at = new Date('2026-11-20T15:04:59.999Z');

function written(line: Line, max = 3000): string {
  return cardText(
    textElement(
      line,
      max,
      createMentions(() => null, 20),
    ) ?? [],
  );
}

describe('in a line without mentions', () => {
  test('people’s words are shown as they wrote them', () => {
    const words = 'a <b> & *c* _d_ `e` [f](http://g.test) - h שלום 👩‍👩‍👧‍👦';
    expect(toTextRuns([words], 500)).toEqual([{ type: 'TextRun', text: words }]);
  });

  test('nothing typed becomes a date, also where two pieces meet', () => {
    const runs = toTextRuns(['{', '{DATE(2017-02-14T06:08:39Z)}} {{TIME(2017-02-14T06:08:39Z)}}'], 500);
    expect(JSON.stringify(runs)).not.toMatch(/\{\{(DATE|TIME)/);
  });

  test('a time is shown in the reader’s own zone, with its day', () => {
    expect(written(['until ', { at, style: 'time' }])).toBe(
      'until {{TIME(2026-11-20T15:04:59Z)}} on {{DATE(2026-11-20T15:04:59Z, COMPACT)}}',
    );
    expect(written([{ at, style: 'date' }])).toBe('{{DATE(2026-11-20T15:04:59Z, SHORT)}}');
  });

  test('only a web address can be followed', () => {
    const element = textElement(
      [
        { link: 'javascript:alert(1)', text: 'one' },
        { link: 'https://x.test/?a=(1)', text: 'two' },
      ],
      500,
      createMentions(() => null, 0),
    );
    const urls = nodesOf(element).flatMap(({ type, url }) => (type === 'Action.OpenUrl' ? [url] : []));
    expect(urls).toEqual(['https://x.test/?a=%281%29']);
  });

  test('what does not fit is cut between characters, with a mark', () => {
    expect(written(['x'.repeat(50)], 10)).toBe(`${'x'.repeat(9)}…`);
    expect(written([`${'x'.repeat(5)}👩‍👩‍👧‍👦👩‍👩‍👧‍👦`], 20)).toBe('xxxxx👩‍👩‍👧‍👦…');
  });
});

describe('beside a mention, where Teams reads markdown', () => {
  const hostile = [
    '<at>Everyone</at>',
    '[x](http://evil.test)',
    '![x](http://evil.test)',
    '*b* **b** _i_ __b__ ~~s~~ `c`',
    'http://evil.test www.evil.test evil.test //evil.test',
    '{{DATE(2017-02-14T06:08:39Z, SHORT)}}',
    '&lt;at&gt;Everyone&lt;/at&gt; \\[x\\](http://evil.test)',
    'a\n- b\n\n# c\n1. d\n> e\n    f',
    '<b>x</b><script>',
  ];

  test.each(hostile)('%j stays words', (text) => {
    const line = [
      { person: omar },
      ' ',
      text,
      { bold: text },
      { code: text },
      { person: { ...omar, name: text } },
    ];
    const mentions = createMentions(() => null, 20);
    const element = textElement(line, 3000, mentions);
    expect(element?.type).toBe('TextBlock');
    expect(String(element?.text)).toMatch(/^<at>Omar<\/at> /);
    // Without what is our own: two mentions and one pair of asterisks.
    const typed = String(element?.text)
      .replace(/<at>[^<>]*<\/at>/g, '')
      .replace(/\*\*([^*]*)\*\*/, '$1');
    expect(typed).not.toMatch(/[*_~`[\]<>&\\\n]|\/\/|\{\{|\w\.\w/);
    expect(mentions.entities.map(({ mentioned }) => mentioned.id)).toEqual([omar.userId, omar.userId]);
  });

  test.each(['- x', '+ x', '1. x', '12) x', '# x', '> x', '---', '    x', '• x'])(
    '%j begins no list',
    (text) => {
      expect(withPlainStart(inertMarkdown(text))).toMatch(/^(\u2060|x)/);
    },
  );

  test('bold and links of our own still are', () => {
    expect(
      written([
        { person: omar },
        ' ',
        { bold: 'now' },
        ' ',
        { link: 'https://x.test/a(b)_c_', text: '[INC]_1' },
      ]),
    ).toBe('<at>Omar</at> **now** [［INC］ˍ1](https://x.test/a%28b%29%5Fc%5F)');
  });
});

describe('text', () => {
  test('loses what can make it read as something else', () => {
    expect(clean('\u202Egnihton\u202C \u2066x\u2069\u200b \u0000\u0007a\tb\r\nc\ud800')).toBe(
      'gnihton x a b\nc',
    );
  });

  test('keeps the joiners that families and scripts need', () => {
    expect(clean('👩‍👩‍👧‍👦 می‌خواهم')).toBe('👩‍👩‍👧‍👦 می‌خواهم');
  });

  test('is cut to nothing where there is no room', () => {
    expect(cut('abc', 0)).toBe('');
    expect(cut('abc', 1)).toBe('…');
    expect(cut('abc', 3)).toBe('abc');
  });

  test('for notifications has its times in UTC', () => {
    expect(toPlainText([{ person: omar }, ' until ', { at, style: 'time' }])).toBe(
      'Omar until 2026-11-20 15:04 UTC',
    );
  });
});
