import { useQuery } from 'urql';
import { useChat } from '../chat/chat-context.tsx';
import { Button } from '../design/button.tsx';
import { Screen } from '../design/screen.tsx';
import { Spinner } from '../design/spinner.tsx';
import { OwnSettingsDocument } from '../gql/graphql.ts';
import { DeviceSection } from '../notification/device-section.tsx';
import { PreferencesSection } from '../notification/preferences-section.tsx';
import { Announcements } from '../people/announce.tsx';
import { ProblemNotice } from '../people/problem.tsx';
import { problemOf } from '../people/problem-of.ts';
import { Password } from './password.tsx';
import { Privacy } from './privacy.tsx';
import { Profile } from './profile.tsx';
import { Section } from './section.tsx';
import { Sessions } from './sessions.tsx';
import './settings.css';

/** What the viewer can change about themselves, and where they are signed in. */
export function Settings() {
  const [{ data, error }, again] = useQuery({ query: OwnSettingsDocument });
  const viewer = data?.viewer;
  return (
    <Screen title="Settings" back={{ screen: 'channels' }}>
      <div className="settings">
        {viewer ? (
          <Announcements>
            <Profile user={viewer.user} />
            <DeviceSection />
            <PreferencesSection />
            <Privacy settings={viewer.settings} />
            <Password handle={viewer.user.handle} />
            <Sessions />
            <SignOut />
          </Announcements>
        ) : error ? (
          <ProblemNotice
            problem={problemOf(error)}
            onRetry={() => again({ requestPolicy: 'network-only' })}
          />
        ) : (
          <Spinner label="Your settings are being read" />
        )}
      </div>
    </Screen>
  );
}

function SignOut() {
  const chat = useChat();
  return (
    <Section title="This browser" hint="What is kept on this browser for you is removed when you sign out.">
      <div className="settings__buttons">
        <Button onClick={() => void chat.signOut()}>Sign out</Button>
      </div>
    </Section>
  );
}
