import { Button } from '../design/button.tsx';
import { Dialog, DialogActions } from '../design/dialog.tsx';
import { go } from '../route.ts';
import { NotAdded } from './not-added.tsx';
import type { Made } from './use-new-group.ts';

/** The group is there; this says what is not as it was asked for, before it opens. */
export function GroupMade({ made: { channelId, name, left, isEarlier } }: { readonly made: Made }) {
  const open = () => go({ screen: 'channel', id: channelId });
  return (
    <Dialog title={`“${name}” is there`} onClose={open}>
      {isEarlier && (
        <p>
          It was made when you tried before, with the name and the people that stood here then. Both can be
          changed in its details.
        </p>
      )}
      {left.length > 0 && (
        <>
          <p>{left.length === 1 ? 'One person was not added:' : `${left.length} people were not added:`}</p>
          <NotAdded left={left} />
        </>
      )}
      <DialogActions>
        <Button kind="primary" onClick={open}>
          Open the group
        </Button>
      </DialogActions>
    </Dialog>
  );
}
