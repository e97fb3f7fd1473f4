import { useState } from 'react';
import { useQuery } from 'urql';
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { Spinner } from '../design/spinner.tsx';
import { Time } from '../design/time.tsx';
import { type DeviceFieldsFragment, SessionsDocument } from '../gql/graphql.ts';
import { ProblemNotice } from '../people/problem.tsx';
import { problemOf } from '../people/problem-of.ts';
import { RevokeSessions } from './revoke-sessions.tsx';
import { Section } from './section.tsx';

/** Where the viewer is signed in. No event tells of it, so it is read whenever it is looked at. */
export function Sessions() {
  const [{ data, error }, again] = useQuery({ query: SessionsDocument, requestPolicy: 'cache-and-network' });
  const [ending, setEnding] = useState<readonly DeviceFieldsFragment[]>();
  const devices = data?.viewer?.devices ?? [];
  const others = devices.filter(({ isCurrent }) => !isCurrent);
  return (
    <Section title="Sessions" hint="Everywhere you are signed in. End what you do not know.">
      {error && devices.length === 0 && (
        <ProblemNotice problem={problemOf(error)} onRetry={() => again({ requestPolicy: 'network-only' })} />
      )}
      {!data && !error && <Spinner label="Your sessions are being read" />}
      <ul className="settings__sessions">
        {[...devices].sort(currentFirst).map((device) => (
          <Session key={device.id} device={device} onEnd={() => setEnding([device])} />
        ))}
      </ul>
      {others.length > 0 && (
        <div className="settings__buttons">
          <Button onClick={() => setEnding(others)}>Sign out everywhere else</Button>
        </div>
      )}
      {ending && <RevokeSessions devices={ending} onClose={() => setEnding(undefined)} />}
    </Section>
  );
}

const currentFirst = (one: DeviceFieldsFragment, other: DeviceFieldsFragment) =>
  Number(other.isCurrent) - Number(one.isCurrent);

const platforms = {
  ANDROID: 'Android',
  BOT: 'Program',
  DESKTOP: 'Desktop app',
  IOS: 'iPhone or iPad',
  WEB: 'Browser',
};

type SessionProps = { readonly device: DeviceFieldsFragment; readonly onEnd: () => void };

function Session({ device: { label, platform, lastActiveAt, isCurrent }, onEnd }: SessionProps) {
  return (
    <li className="settings__session">
      <span className="settings__session-icon">
        <Icon name="device" />
      </span>
      <span className="settings__session-words">
        <bdi className="settings__session-label">{label}</bdi>
        <span className="settings__hint">
          {platforms[platform]},{' '}
          {isCurrent ? (
            'this one'
          ) : (
            <>
              last active <Time at={lastActiveAt} />
            </>
          )}
        </span>
      </span>
      {!isCurrent && <Button onClick={onEnd}>Sign out</Button>}
    </li>
  );
}
