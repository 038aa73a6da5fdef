/** The blocks of a message, of App Home or of a form, one below the other. */
import { type ReactNode, useId } from 'react';
import type { Blocks } from '../../protocol.ts';
import { BlockButton, type Press } from './block-button.tsx';
import { asBlocks, type Block, type InputBlock } from './block-types.ts';
import { Text } from './mrkdwn.tsx';
import { RichText } from './rich-text.tsx';

interface Props {
  readonly blocks: Blocks;
  readonly onPress: Press;
  /** Level of the headings that `header` blocks become. */
  readonly level?: 2 | 3;
  readonly drawInput?: (block: InputBlock & { block_id: string }, note: string | null) => ReactNode;
}

export function BlockList({ blocks, onPress, level = 3, drawInput }: Props) {
  const scope = useId();
  const all = asBlocks(blocks);
  return (
    <div className="blocks">
      {all.map((block, index) => {
        const id = block.block_id ?? String(index);
        if (block.type !== 'input') {
          return (
            <One
              // Not by its id, which may be new each time: what is redrawn in its place keeps the focus.
              // biome-ignore lint/suspicious/noArrayIndexKey: the place is what stays
              key={index}
              block={block}
              id={id}
              noteId={`${scope}${index}`}
              level={level}
              onPress={onPress}
            />
          );
        }
        // Small print right under a field belongs to it: a form that opens with faults says them so.
        const note = all[index + 1]?.type === 'context' ? `${scope}${index + 1}` : null;
        return drawInput?.({ ...block, block_id: id }, note);
      })}
    </div>
  );
}

interface OneProps {
  readonly block: Exclude<Block, InputBlock>;
  readonly id: string;
  readonly noteId: string;
  readonly level: 2 | 3;
  readonly onPress: Press;
}

function One({ block, id, noteId, level, onPress }: OneProps) {
  const Heading = `h${level}` as const;
  switch (block.type) {
    case 'header':
      return (
        <Heading className="block-header">
          <Text of={block.text} />
        </Heading>
      );
    case 'section':
      return (
        <div className="block-section">
          {block.text ? (
            <p>
              <Text of={block.text} />
            </p>
          ) : null}
          {block.fields?.map((field) => (
            <p key={field.text}>
              <Text of={field} />
            </p>
          ))}
          {block.accessory ? <BlockButton blockId={id} button={block.accessory} onPress={onPress} /> : null}
        </div>
      );
    case 'rich_text':
      return <RichText parts={block.elements} />;
    case 'context': {
      const [first] = block.elements;
      return (
        <p
          className={first?.text.startsWith('⚠') ? 'block-context block-warning' : 'block-context'}
          id={noteId}
        >
          {block.elements.map((element) => (
            <Text key={element.text} of={element} />
          ))}
        </p>
      );
    }
    case 'actions':
      return (
        <div className="block-actions">
          {block.elements.map((button) => (
            <BlockButton key={button.action_id} blockId={id} button={button} onPress={onPress} />
          ))}
        </div>
      );
    case 'divider':
      return <hr />;
    default:
      return <p className="block-context">A block that this page cannot draw.</p>;
  }
}
