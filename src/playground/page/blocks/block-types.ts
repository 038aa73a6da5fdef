/** The part of Block Kit that the bot uses. https://docs.slack.dev/reference/block-kit/blocks */
import type { Blocks, Option } from '../../protocol.ts';

export interface TextObject {
  readonly type: 'plain_text' | 'mrkdwn';
  readonly text: string;
}

export interface ConfirmObject {
  readonly title: TextObject;
  readonly text: TextObject;
  readonly confirm: TextObject;
  readonly deny: TextObject;
  readonly style?: 'primary' | 'danger';
}

export interface ButtonElement {
  readonly type: 'button';
  readonly action_id: string;
  readonly text: TextObject;
  readonly style?: 'primary' | 'danger';
  readonly url?: string;
  readonly confirm?: ConfirmObject;
}

export interface RichStyle {
  readonly bold?: boolean;
  readonly italic?: boolean;
  readonly strike?: boolean;
  readonly code?: boolean;
}

export type RichElement =
  | { readonly type: 'text'; readonly text: string; readonly style?: RichStyle }
  | { readonly type: 'link'; readonly url: string; readonly text?: string; readonly style?: RichStyle }
  | { readonly type: 'user'; readonly user_id: string }
  | { readonly type: 'channel'; readonly channel_id: string }
  | { readonly type: 'emoji'; readonly name: string; readonly unicode?: string }
  | {
      readonly type: 'date';
      readonly timestamp: number;
      readonly format: string;
      readonly fallback?: string;
    };

export type RichPart =
  | {
      readonly type: 'rich_text_section' | 'rich_text_quote' | 'rich_text_preformatted';
      readonly elements: readonly RichElement[];
    }
  | {
      readonly type: 'rich_text_list';
      readonly style: 'bullet' | 'ordered';
      readonly elements: readonly { readonly elements: readonly RichElement[] }[];
    };

export interface TextInputElement {
  readonly type: 'plain_text_input';
  readonly action_id: string;
  readonly multiline?: boolean;
  readonly max_length?: number;
  readonly initial_value?: string;
  readonly placeholder?: TextObject;
}

export interface ExternalSelectElement {
  readonly type: 'external_select';
  readonly action_id: string;
  readonly min_query_length?: number;
  readonly initial_option?: Option;
  readonly placeholder?: TextObject;
}

export interface StaticSelectElement {
  readonly type: 'static_select';
  readonly action_id: string;
  readonly options: readonly Option[];
  readonly initial_option?: Option;
  readonly placeholder?: TextObject;
}

export interface InputBlock {
  readonly type: 'input';
  readonly block_id?: string;
  readonly label: TextObject;
  readonly hint?: TextObject;
  readonly optional?: boolean;
  readonly element: TextInputElement | ExternalSelectElement | StaticSelectElement;
}

export type Block =
  | InputBlock
  | { readonly type: 'header'; readonly block_id?: string; readonly text: TextObject }
  | {
      readonly type: 'section';
      readonly block_id?: string;
      readonly text?: TextObject;
      readonly fields?: readonly TextObject[];
      readonly accessory?: ButtonElement;
    }
  | { readonly type: 'rich_text'; readonly block_id?: string; readonly elements: readonly RichPart[] }
  | { readonly type: 'context'; readonly block_id?: string; readonly elements: readonly TextObject[] }
  | { readonly type: 'actions'; readonly block_id?: string; readonly elements: readonly ButtonElement[] }
  | { readonly type: 'divider'; readonly block_id?: string };

/** The server has checked them against Block Kit's rules; what we cannot draw says so in its place. */
export function asBlocks(blocks: Blocks): readonly Block[] {
  return blocks as unknown as readonly Block[];
}

/** Of the inputs of a form, in their order. */
export function inputsOf(blocks: readonly Block[]): (InputBlock & { block_id: string })[] {
  return blocks.flatMap((block, index) =>
    block.type === 'input' ? [{ ...block, block_id: block.block_id ?? String(index) }] : [],
  );
}
