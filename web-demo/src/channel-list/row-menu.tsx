import type { RefObject } from 'react';
import { Menu } from '../design/menu.tsx';
import type { ListedChannelFragment } from '../gql/graphql.ts';
import type { Ask } from '../people/use-ask.ts';
import { channelMenu } from './channel-menu.ts';

type Props = {
  readonly channel: ListedChannelFragment;
  readonly name: string;
  readonly isMuted: boolean;
  readonly ask: Ask;
  readonly within: RefObject<HTMLElement | null>;
};

/** What can be done with a channel without opening it. */
export const RowMenu = ({ channel, name, isMuted, ask, within }: Props) => (
  <Menu label={`What to do with ${name}`} items={channelMenu(channel, isMuted, ask)} within={within} />
);
