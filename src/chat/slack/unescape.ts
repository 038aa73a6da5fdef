/**
 * The text of a slash command back to what was typed. With `should_escape` Slack sends people as
 * `<@U123|ana>`, channels as `<#C1|dba>`, links as `<https://…|label>`, and `&<>` as entities.
 * https://docs.slack.dev/interactivity/implementing-slash-commands
 */
export function plainFromEscaped(text: string): string {
  return text
    .replace(/<([^<>]*)>/g, (_all, inside: string) => fromSpecial(inside))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function fromSpecial(inside: string): string {
  const [target = '', label] = split(inside);
  // A person stays a token, which `revoke @user` understands.
  if (/^@[UW][A-Z0-9]+$/.test(target)) return `<${target}>`;
  if (target.startsWith('#')) return `#${label ?? target.slice(1)}`;
  if (target.startsWith('!')) return label ?? `@${target.slice(1).replace(/\^.*/, '')}`;
  if (target.startsWith('mailto:') || target.startsWith('tel:')) return label ?? target.replace(/^\w+:/, '');
  return target;
}

function split(inside: string): [string, string | undefined] {
  const at = inside.indexOf('|');
  return at < 0 ? [inside, undefined] : [inside.slice(0, at), inside.slice(at + 1)];
}
