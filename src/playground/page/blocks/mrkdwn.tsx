/** A text object: plain text or mrkdwn. */
import { Fragment, type ReactNode } from 'react';
import { type Piece, parseMrkdwn, type Style, unescaped } from '../words/mrkdwn.ts';
import type { TextObject } from './block-types.ts';
import { ChannelName, Link, Mention, Moment, Words } from './inline.tsx';

export function Mrkdwn({ text }: { text: string }) {
  return parseMrkdwn(text).map((piece, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name
    <Fragment key={index}>{draw(piece)}</Fragment>
  ));
}

export function Text({ of }: { of: TextObject }) {
  return of.type === 'mrkdwn' ? <Mrkdwn text={of.text} /> : <Words text={unescaped(of.text)} />;
}

function draw(piece: Piece): ReactNode {
  switch (piece.kind) {
    case 'text':
      return dress(<Words text={piece.text} />, piece.style);
    case 'user':
      return <Mention id={piece.id} />;
    case 'channel':
      return <ChannelName id={piece.id} label={piece.label} />;
    case 'link':
      return <Link url={piece.url}>{piece.text}</Link>;
    case 'date':
      return <Moment {...piece} />;
  }
}

export function dress(text: ReactNode, { bold, italic, strike, code }: Style): ReactNode {
  let dressed = text;
  if (code) dressed = <code>{dressed}</code>;
  if (strike) dressed = <s>{dressed}</s>;
  if (italic) dressed = <em>{dressed}</em>;
  if (bold) dressed = <strong>{dressed}</strong>;
  return dressed;
}
