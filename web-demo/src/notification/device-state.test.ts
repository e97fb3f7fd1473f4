import { describe, expect, it } from 'vitest';
import { type DeviceFacts, deviceStateOf, hindrances } from './device-state.ts';

const on: DeviceFacts = {
  isSecure: true,
  isSupported: true,
  key: 'key',
  permission: 'granted',
  isWanted: true,
};

describe('Notifications in a browser', () => {
  it.for([
    [on, 'on'],
    [{ ...on, isWanted: false }, 'off'],
    [{ ...on, permission: 'default' }, 'off'],
    [{ ...on, permission: 'denied' }, 'blocked'],
    [{ ...on, key: null, permission: 'denied' }, 'notOffered'],
    [{ ...on, isSupported: false, key: null }, 'unsupported'],
    [{ ...on, isSecure: false, isSupported: false }, 'insecure'],
  ] as const)('%o are %s', ([facts, state]) => {
    expect(deviceStateOf(facts)).toBe(state);
  });

  it('say what helps, where they cannot be turned on', () => {
    for (const words of Object.values(hindrances)) expect(words).toMatch(/\.$/);
  });
});
