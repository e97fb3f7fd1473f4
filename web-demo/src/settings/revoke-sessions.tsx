import { type DeviceFieldsFragment, RevokeSessionDocument } from '../gql/graphql.ts';
import { useAnnounce } from '../people/announce.tsx';
import { Confirm } from '../people/confirm.tsx';
import { useAsk } from '../people/use-ask.ts';

type Props = { readonly devices: readonly DeviceFieldsFragment[]; readonly onClose: () => void };

/** Asks once more before sessions end. */
export function RevokeSessions({ devices, onClose }: Props) {
  const { ask, isBusy, problem } = useAsk();
  const announce = useAnnounce();
  const [first, ...more] = devices;
  const isOne = more.length === 0;

  /** One after the other. What was refused or got no answer stays in the list, and the dialog says why. */
  async function revoke() {
    for (const { id: deviceId } of devices)
      if (!(await ask(RevokeSessionDocument, { deviceId }, (data) => data.revokeSession))) return;
    announce(isOne ? 'Signed out there' : 'Signed out everywhere else');
    onClose();
  }
  return (
    <Confirm
      title={isOne ? 'Sign out there?' : 'Sign out everywhere else?'}
      label="Sign out"
      {...{ isBusy, problem, onClose }}
      onConfirm={() => void revoke()}
    >
      {isOne ? <bdi>{first?.label}</bdi> : `${devices.length} sessions`} will be signed out at once. Whoever
      uses {isOne ? 'it' : 'them'} has to enter the password again.
    </Confirm>
  );
}
