import { useDeferredValue, useState } from 'react';
import { Button } from '../design/button.tsx';
import { EmptyState } from '../design/empty-state.tsx';
import type { ListedChannelFragment } from '../gql/graphql.ts';
import { ProblemNotice } from '../people/problem.tsx';
import { useAsk } from '../people/use-ask.ts';
import { go } from '../route.ts';
import { ChannelListHeader } from './channel-list-header.tsx';
import { ChannelRows } from './channel-rows.tsx';
import { filtered, unreadOf } from './channel-words.ts';
import { SkeletonRows } from './skeleton-rows.tsx';
import { useChannels } from './use-channels.ts';
import { useNow } from './use-now.ts';
import { useUnreadTitle } from './use-unread-title.ts';
import './channel-list.css';

/** All channels of the viewer, last activity first. */
export function ChannelList({ selectedId }: { readonly selectedId?: string | undefined }) {
  const { viewer, channels, hasFailed, again } = useChannels();
  const [filter, setFilter] = useState('');
  const { ask, problem } = useAsk();
  const shown = filtered(channels, useDeferredValue(filter));
  useUnreadTitle(unreadOf(channels, useNow()));
  const body =
    shown.length > 0 ? (
      <ChannelRows channels={shown} selectedId={selectedId} isFiltered={filter !== ''} ask={ask} />
    ) : hasFailed ? (
      <Failed onAgain={again} />
    ) : viewer ? (
      <Nothing channels={channels} filter={filter} onClear={() => setFilter('')} />
    ) : (
      <SkeletonRows />
    );
  return (
    <section className="channel-list" aria-labelledby="channel-list">
      <h1 className="visually-hidden" id="channel-list">
        Channels
      </h1>
      <ChannelListHeader viewer={viewer} />
      <Find value={filter} onChange={setFilter} />
      {problem && (
        <div className="channel-list__problem">
          <ProblemNotice problem={problem} />
        </div>
      )}
      {body}
    </section>
  );
}

type FindProps = { readonly value: string; readonly onChange: (value: string) => void };

const Find = ({ value, onChange }: FindProps) => (
  <div className="channel-list__filter">
    <input
      className="channel-list__find"
      type="search"
      aria-label="Find a channel"
      placeholder="Find a channel"
      value={value}
      onChange={({ target }) => onChange(target.value)}
    />
  </div>
);

function Failed({ onAgain }: { readonly onAgain: () => void }) {
  return (
    <EmptyState title="Your channels could not be read" action={<Button onClick={onAgain}>Try again</Button>}>
      The server gave no answer. They come by themselves when it does.
    </EmptyState>
  );
}

type NothingProps = {
  readonly channels: readonly ListedChannelFragment[];
  readonly filter: string;
  readonly onClear: () => void;
};

function Nothing({ channels, filter, onClear }: NothingProps) {
  const find = (
    <Button kind="primary" onClick={() => go({ screen: 'people' })}>
      Find people
    </Button>
  );
  if (channels.length > 0)
    return (
      <EmptyState
        title="No such channel"
        action={
          <>
            <Button onClick={onClear}>Show all</Button>
            {find}
          </>
        }
      >
        None of your channels has <bdi>“{filter}”</bdi> in its name. Perhaps it is somebody you have not
        written to yet.
      </EmptyState>
    );
  return (
    <EmptyState
      title="No channels yet"
      action={
        <>
          {find}
          <Button onClick={() => go({ screen: 'newGroup' })}>Make a group</Button>
        </>
      }
    >
      Find somebody by their handle and write to them, or make a group for several.
    </EmptyState>
  );
}
