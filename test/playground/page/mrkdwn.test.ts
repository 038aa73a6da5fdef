import { describe, expect, it } from 'vitest';
import { parseMrkdwn, safeUrl, unescaped } from '../../../src/playground/page/words/mrkdwn.ts';

const text = (words: string, style = {}) => ({ kind: 'text', text: words, style });

describe('mrkdwn', () => {
  it('shows mentions, channels, links and moments for what they are', () => {
    expect(parseMrkdwn('<@U1> in <#C1|dba>: <https://a.test/x?a=1&amp;b=2|the wiki>')).toEqual([
      { kind: 'user', id: 'U1' },
      text(' in '),
      { kind: 'channel', id: 'C1', label: 'dba' },
      text(': '),
      { kind: 'link', url: 'https://a.test/x?a=1&b=2', text: 'the wiki' },
    ]);
    expect(parseMrkdwn('<!date^1795183200^{date_short_pretty} {time}|2026-11-20 14:00 UTC>')).toEqual([
      {
        kind: 'date',
        timestamp: 1_795_183_200,
        format: '{date_short_pretty} {time}',
        fallback: '2026-11-20 14:00 UTC',
      },
    ]);
  });

  it('dresses words, also within each other', () => {
    expect(parseMrkdwn('a *b _c_* `d *e*` ~f~')).toEqual([
      text('a '),
      text('b ', { bold: true }),
      text('c', { bold: true, italic: true }),
      text(' '),
      text('d *e*', { code: true }),
      text(' '),
      text('f', { strike: true }),
    ]);
  });

  it('leaves marks within words, and marks without an end, as they are', () => {
    expect(parseMrkdwn('snake_case_name 2*3*4 *never closed')).toEqual([
      text('snake_case_name 2*3*4 *never closed'),
    ]);
  });

  it('shows what was escaped as it was typed, and never reads it as a mention', () => {
    expect(parseMrkdwn('&lt;@U1&gt; &amp;lt;')).toEqual([text('<@U1> &lt;')]);
    expect(unescaped('&amp;lt;')).toBe('&lt;');
  });

  it.each(['javascript:alert(1)', 'http://a.test', 'data:text/html,x', 'not a link'])(
    'makes no link of %s',
    (url) => {
      expect(safeUrl(url)).toBeNull();
      expect(parseMrkdwn(`<${url}|click>`)).toEqual([text('click')]);
    },
  );
});
