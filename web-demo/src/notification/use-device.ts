import { useCallback, useEffect, useState } from 'react';
import { useChat } from '../chat/chat-context.tsx';
import type { Problem } from '../people/problem-of.ts';
import { lookAtDevice, turnOff, turnOn } from './device.ts';
import type { DeviceState } from './device-state.ts';

/** Notifications in this browser. `state` is undefined as long as it is not known. */
export function useDevice() {
  const chat = useChat();
  const [state, setState] = useState<DeviceState>();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const look = useCallback(async () => setState(await lookAtDevice(chat)), [chat]);
  useEffect(() => {
    void look();
    // Somebody may have changed the settings of the browser meanwhile.
    addEventListener('focus', look);
    return () => removeEventListener('focus', look);
  }, [look]);

  const run = async (work: typeof turnOn) => {
    if (isBusy) return;
    setBusy(true);
    setProblem(undefined);
    setProblem(await work(chat));
    await look();
    setBusy(false);
  };
  return { state, isBusy, problem, turnOn: () => run(turnOn), turnOff: () => run(turnOff) };
}
