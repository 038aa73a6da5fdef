/** A `rich_text` block: what is in it is data, never syntax. */
import { Fragment, type ReactNode } from 'react';
import type { RichElement, RichPart } from './block-types.ts';
import { ChannelName, Link, Mention, Moment, Words } from './inline.tsx';
import { dress } from './mrkdwn.tsx';

export function RichText({ parts }: { parts: readonly RichPart[] }) {
  return (
    <div className="rich">
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a message have no other name
        <Part key={index} part={part} />
      ))}
    </div>
  );
}

function Part({ part }: { part: RichPart }) {
  switch (part.type) {
    case 'rich_text_section':
      return <p>{drawAll(part.elements)}</p>;
    case 'rich_text_quote':
      return <blockquote>{drawAll(part.elements)}</blockquote>;
    case 'rich_text_preformatted':
      return <pre>{drawAll(part.elements)}</pre>;
    case 'rich_text_list': {
      const items = part.elements.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: as above
        <li key={index}>{drawAll(item.elements)}</li>
      ));
      return part.style === 'ordered' ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
  }
}

function drawAll(elements: readonly RichElement[]): ReactNode {
  return elements.map((element, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    <Fragment key={index}>{draw(element)}</Fragment>
  ));
}

function draw(element: RichElement): ReactNode {
  switch (element.type) {
    case 'text':
      return dress(<Words text={element.text} />, element.style ?? {});
    case 'link':
      return dress(<Link url={element.url}>{element.text ?? element.url}</Link>, element.style ?? {});
    case 'user':
      return <Mention id={element.user_id} />;
    case 'channel':
      return <ChannelName id={element.channel_id} label={null} />;
    case 'emoji':
      return `:${element.name}:`;
    case 'date':
      return (
        <Moment timestamp={element.timestamp} format={element.format} fallback={element.fallback ?? ''} />
      );
    default:
      return null;
  }
}
