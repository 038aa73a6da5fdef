/** What a reader sees of blocks, as plain lines: for assertions about words, not about shapes. */

/** Mentions as `<@U1>`, dates as their fallback in UTC, buttons as `[label]`, entities decoded. */
export function visibleText(content: { readonly blocks: readonly unknown[] } | null): string {
  return (content?.blocks ?? [])
    .map(textOf)
    .filter((text) => text !== '')
    .join('\n');
}

function textOf(node: unknown): string {
  if (Array.isArray(node)) return node.map(textOf).join('');
  if (typeof node !== 'object' || node === null) return '';
  const { type, text, elements, fields, label, hint, element, ...rest } = node as Record<string, unknown>;
  switch (type) {
    case 'plain_text':
    case 'mrkdwn':
      return decode(String(text));
    case 'text':
    case 'link':
      return String(text ?? rest.url);
    case 'user':
      return `<@${rest.user_id}>`;
    case 'date':
      return String(rest.fallback);
    case 'button':
      return `[${textOf(text)}]`;
    case 'rich_text':
      return lines(elements);
    case 'rich_text_quote':
      return textOf(elements).replace(/^/gm, '> ');
    case 'actions':
      return (elements as unknown[]).map(textOf).join(' ');
    case 'input':
      return lines([label, element, hint]);
    case 'plain_text_input':
      return String(rest.initial_value ?? '');
    case 'static_select':
      return (rest.options as { text: unknown; description?: unknown }[])
        .map(({ text: label, description }) => `( ) ${textOf(label)}: ${textOf(description)}`)
        .join('\n');
    case 'external_select':
      return textOf((rest.initial_option as { text?: unknown } | undefined)?.text);
    default:
      return lines([text, fields, elements]);
  }
}

function lines(nodes: unknown): string {
  return (nodes as unknown[])
    .map(textOf)
    .filter((text) => text !== '')
    .join('\n');
}

function decode(text: string): string {
  return text
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<(?![@!])[^|>]*\|([^>]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
