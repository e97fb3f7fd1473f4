import { type RefObject, useState } from 'react';
import { useChat } from '../chat/chat-context.tsx';
import { Menu } from '../design/menu.tsx';
import type { MenuItem } from '../design/menu-list.tsx';
import { refusalWords } from '../design/refusal.tsx';
import { MessageActionsDocument, type MessageActionsQuery } from '../gql/graphql.ts';
import { useChannelActions } from './channel-context.tsx';
import type { Message } from './message.ts';

type Abilities = NonNullable<MessageActionsQuery['message']>['viewerCan'];
type Asked = Abilities | 'asking' | 'noAnswer';

type Props = { readonly message: Message; readonly within: RefObject<HTMLElement | null> };

/** What can be done with a message. What may be done is asked when it opens, so that what is refused says why before the click. */
export function MessageMenu({ message, within }: Props) {
  const { client, viewerId } = useChat();
  const actions = useChannelActions();
  const [asked, setAsked] = useState<Asked>('asking');
  const ask = async () => {
    setAsked('asking');
    const policy = { requestPolicy: 'network-only' } as const;
    const { data } = await client.query(MessageActionsDocument, { id: message.id }, policy).toPromise();
    setAsked(data?.message?.viewerCan ?? 'noAnswer');
  };
  const items: MenuItem[] = [
    { label: 'Reply', icon: 'reply', onSelect: () => actions.reply(message), ...allowed(asked, 'reply') },
    ...(message.text === null ? [] : [copyItem(message.text)]),
    { label: 'Read by', icon: 'checks', onSelect: () => actions.showReaders(message) },
    ...(message.author?.id === viewerId ? [] : [whyItem(() => actions.showWhy(message))]),
    { label: 'Edit', icon: 'edit', onSelect: () => actions.edit(message), ...allowed(asked, 'edit') },
    {
      label: 'Delete',
      icon: 'delete',
      isDanger: true,
      onSelect: () => actions.remove(message),
      ...allowed(asked, 'delete'),
    },
  ];
  return <Menu label="Message actions" items={items} within={within} onOpen={() => void ask()} />;
}

const whyItem = (onSelect: () => void): MenuItem => ({
  label: 'Why was I (not) notified?',
  icon: 'bell',
  onSelect,
});

const copyItem = (text: string): MenuItem => ({
  label: 'Copy text',
  icon: 'copy',
  onSelect: () => void navigator.clipboard?.writeText(text).catch(() => undefined),
});

function allowed(asked: Asked, what: 'reply' | 'edit' | 'delete') {
  if (asked === 'asking') return { isDisabled: true };
  if (asked === 'noAnswer') return { isDisabled: true, reason: 'The server does not answer now.' };
  const { isAllowed, code, explanation, until } = asked[what];
  if (isAllowed) return {};
  return {
    isDisabled: true,
    reason: refusalWords({ code: code ?? '', explanation: explanation ?? '', until }),
  };
}
