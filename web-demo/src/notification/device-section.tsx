import { Notice } from '../design/notice.tsx';
import { Toggle } from '../design/toggle.tsx';
import { ProblemNotice } from '../people/problem.tsx';
import { Section } from '../settings/section.tsx';
import { hindrances } from './device-state.ts';
import { TestPush } from './test-push.tsx';
import { useDevice } from './use-device.ts';

/** Whether this browser tells of messages when no window is looked at; where it cannot, why. */
export function DeviceSection() {
  const { state, isBusy, problem, turnOn, turnOff } = useDevice();
  const isSwitched = state === undefined || state === 'on' || state === 'off';
  return (
    <Section title="Notifications in this browser" hint="For when you are away: also when no window is open.">
      {isSwitched ? (
        <Toggle
          label="Tell me of new messages here"
          hint={state === 'off' ? 'Your browser will ask you whether it may.' : undefined}
          checked={state === 'on'}
          disabled={state === undefined || isBusy}
          onChange={(isWanted) => void (isWanted ? turnOn() : turnOff())}
        />
      ) : (
        <Notice kind="warning">{hindrances[state]}</Notice>
      )}
      <ProblemNotice problem={problem} />
      {state === 'on' && <TestPush />}
    </Section>
  );
}
