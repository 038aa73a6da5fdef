/**
 * What PostgreSQL does not keep, written as it can: NUL and half a surrogate pair become U+FFFD. Any text that
 * comes from outside may hold them, so it is done for every column and list rather than by whoever writes.
 */
const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** As `JSON.stringify` writes them: whole pairs are not escaped, and a backslash of the text is doubled. */
const ESCAPED = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/** For a `text` value. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\ufffd').replace(HALF, '\ufffd');
}

/** For a `jsonb` value: as JSON, keys and texts in it made so as well. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value).replace(ESCAPED, '$1\\ufffd');
}
