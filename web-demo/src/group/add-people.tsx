import { useState } from 'react';
import { Button } from '../design/button.tsx';
import { Dialog, DialogActions } from '../design/dialog.tsx';
import { AddMembersDocument } from '../gql/graphql.ts';
import { Announcements, useAnnounce } from '../people/announce.tsx';
import type { Person } from '../people/person.ts';
import { PersonPicker } from '../people/person-picker.tsx';
import { ProblemNotice } from '../people/problem.tsx';
import { useAsk } from '../people/use-ask.ts';
import type { ChannelShown } from './channel-shown.ts';
import { type Left, leftOut, NotAdded } from './not-added.tsx';
import { Places } from './places.tsx';
import type { MemberShown } from './roles.ts';
import './add-people.css';

type Props = {
  readonly channel: ChannelShown;
  readonly members: readonly MemberShown[];
  readonly limit: number | undefined;
  readonly onClose: () => void;
};

/** Chooses people and adds them; then says who could not be added. */
export function AddPeople({ channel, members, limit, onClose }: Props) {
  const { chosen, choose, add, isBusy, problem, left } = useAddPeople(channel.id, onClose);
  const hidden = new Set(members.map(({ user }) => user.id));
  const places = limit === undefined ? Number.POSITIVE_INFINITY : limit - channel.memberCount;
  return (
    <Dialog title={left ? 'Not all were added' : 'Add people'} onClose={onClose}>
      <Announcements>
        {left ? (
          <NotAdded left={left} />
        ) : (
          <PersonPicker chosen={chosen} onChange={choose} places={places} hidden={hidden} />
        )}
      </Announcements>
      <ProblemNotice problem={problem} />
      {left ? (
        <DialogActions>
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        </DialogActions>
      ) : (
        <div className="add-people__end">
          <Places count={channel.memberCount + chosen.length} limit={limit} />
          <Button kind="primary" disabled={chosen.length === 0} isBusy={isBusy} onClick={() => void add()}>
            {chosen.length > 1 ? `Add ${chosen.length}` : 'Add'}
          </Button>
        </div>
      )}
    </Dialog>
  );
}

function useAddPeople(channelId: string, onClose: () => void) {
  const [chosen, choose] = useState<readonly Person[]>([]);
  const { ask, isBusy, problem } = useAsk();
  const [left, setLeft] = useState<readonly Left[]>();
  const announce = useAnnounce();
  const add = async () => {
    const input = { channelId, userIds: chosen.map(({ id }) => id) };
    const done = await ask(AddMembersDocument, { input }, (data) => data.addMembers);
    if (done === undefined) return;
    announce(`${done.added.length} added`);
    if (done.notAdded.length === 0) onClose();
    else setLeft(leftOut(done.notAdded, chosen));
  };
  return { chosen, choose, add, isBusy, problem, left };
}
