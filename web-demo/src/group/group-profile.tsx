import { type FormEvent, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { Avatar } from '../design/avatar.tsx';
import { Button } from '../design/button.tsx';
import { groupColourOf } from '../design/palette.ts';
import { TextField } from '../design/text-field.tsx';
import { UpdateGroupDocument } from '../gql/graphql.ts';
import { useAnnounce } from '../people/announce.tsx';
import { ProblemNotice } from '../people/problem.tsx';
import { useAsk } from '../people/use-ask.ts';
import type { ChannelShown } from './channel-shown.ts';
import { reasonNotToUpdate } from './roles.ts';
import './group-profile.css';

type Props = { readonly channel: ChannelShown };

/** Name and topic, to be changed in their place by who may. */
export function GroupProfile({ channel }: Props) {
  const [isEditing, edit] = useState(false);
  const section = useRef<HTMLElement>(null);
  const stop = () => {
    flushSync(() => edit(false));
    section.current?.querySelector('button')?.focus();
  };
  const name = channel.name ?? '';
  const reason = reasonNotToUpdate(channel.viewerCan);
  return (
    <section ref={section} className="group-profile" aria-label="Name and topic">
      <div className="channel-details__face">
        <Avatar name={name} colour={groupColourOf(channel.id)} size="large" isGroup />
        {!isEditing && (
          <>
            <h2 dir="auto">{name}</h2>
            {channel.topic && (
              <p className="group-profile__topic" dir="auto">
                {channel.topic}
              </p>
            )}
            <Button disabled={reason !== undefined} onClick={() => edit(true)}>
              Change name or topic
            </Button>
            {reason && <p className="channel-details__hint">{reason}</p>}
          </>
        )}
      </div>
      {isEditing && <ProfileForm channel={channel} onClose={stop} />}
    </section>
  );
}

function ProfileForm({ channel, onClose }: Props & { readonly onClose: () => void }) {
  const { ask, isBusy, problem } = useAsk();
  const announce = useAnnounce();
  const [name, setName] = useState(channel.name ?? '');
  const [topic, setTopic] = useState(channel.topic ?? '');
  const isNameless = name.trim() === '';
  const save = async () => {
    if (isNameless) return;
    const input = { channelId: channel.id, name, topic: topic.trim() || null };
    const done = await ask(UpdateGroupDocument, { input }, (data) => data.updateGroup);
    if (done === undefined) return;
    announce('Saved');
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  const error = isNameless ? 'A group has a name.' : undefined;
  return (
    <form className="group-profile__form channel-details__card" onSubmit={submit} noValidate>
      <TextField label="Name" value={name} onChange={setName} error={error} maxLength={100} autoFocus />
      <TextField label="Topic" value={topic} onChange={setTopic} maxLength={500} />
      <ProblemNotice problem={problem} />
      <div className="group-profile__actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" type="submit" isBusy={isBusy}>
          Save
        </Button>
      </div>
    </form>
  );
}
