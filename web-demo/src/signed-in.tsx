import { type ComponentType, lazy, Suspense, useEffect, useState } from 'react';
import { Provider } from 'urql';
import { type Account, accountHere } from './account/accounts.ts';
import { isNamedByAddress } from './account/places.ts';
import { ChannelList } from './channel-list/channel-list.tsx';
import { type OpenChat, openChat } from './chat/chat.ts';
import { ChatContext, useChat, useConnection } from './chat/chat-context.tsx';
import { ConnectionBanner } from './chat/connection-banner.tsx';
import { useReadable } from './chat/readable.ts';
import { Notice } from './design/notice.tsx';
import { Spinner } from './design/spinner.tsx';
import { NoChannel, Opening } from './opening.tsx';
import { type Route, useRoute } from './route.ts';

const ChannelScreen = lazy(() =>
  import('./channel/channel-screen.tsx').then(({ ChannelScreen: it }) => ({ default: it })),
);
const People = lazy(() => import('./people/people.tsx').then(({ People: it }) => ({ default: it })));
const NewGroup = lazy(() => import('./group/new-group.tsx').then(({ NewGroup: it }) => ({ default: it })));
const Details = lazy(() =>
  import('./group/channel-details.tsx').then(({ ChannelDetails: it }) => ({ default: it })),
);
/** So long after what the first screen shows, which is not to wait for them; and as long until it is tried again, while offline. */
const notificationsAfterMs = 3_000;
/** Half a day. */
const mostTries = 15_000;
const Notifications = lazy<ComponentType>(async () => {
  for (let tries = 0; tries < mostTries; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, notificationsAfterMs));
    const loaded = await import('./notification/notifications.tsx').catch(() => undefined);
    if (loaded) return { default: loaded.Notifications };
  }
  return { default: () => null };
});
const Settings = lazy(() => import('./settings/settings.tsx').then(({ Settings: it }) => ({ default: it })));

/** Begun while the page is still being put together, if it is clear whose it is. */
function openEarly() {
  const account = isNamedByAddress() ? undefined : accountHere();
  const chat = account && openChat(account);
  chat?.catch(() => undefined); // who waits for it is told
  return { account, chat };
}
let early: Partial<ReturnType<typeof openEarly>> = openEarly();

/** The chat that was begun, once; otherwise a new one. */
function takeOrOpen(account: Account): Promise<OpenChat> {
  const { chat, account: meant } = early;
  early = {};
  return chat && meant?.viewerId === account.viewerId ? chat : openChat(account);
}

type Props = { readonly account: Account; readonly onSignedOut: () => void };

/** The chat of one account, open as long as this is shown. */
export function SignedIn({ account, onSignedOut }: Props) {
  const [chat, setChat] = useState<OpenChat | 'unstorable'>();
  useEffect(() => {
    const opening = takeOrOpen(account);
    opening.then(setChat).catch(() => setChat('unstorable'));
    return () => void opening.then((opened) => opened.close()).catch(() => undefined);
  }, [account]);
  if (chat === undefined) return <Opening />;
  if (chat === 'unstorable')
    return (
      <Notice kind="error">
        This browser lets the page store nothing, so that messages could be lost. Allow it, or use another
        window.
      </Notice>
    );
  return (
    <ChatContext value={chat}>
      <Provider value={chat.client}>
        <Frame onSignedOut={onSignedOut} />
      </Provider>
    </ChatContext>
  );
}

/** The list and one screen beside it; on a phone, one of the two. */
function Frame({ onSignedOut }: { readonly onSignedOut: () => void }) {
  const route = useRoute();
  const connection = useConnection();
  const isStarted = useReadable(useChat().isStarted);
  useEffect(() => {
    if (connection === 'signedOut') onSignedOut();
  }, [connection, onSignedOut]);
  return (
    <div className={route.screen === 'channels' ? 'frame frame--list' : 'frame frame--screen'}>
      <div className="frame__top">
        <ConnectionBanner />
        <Suspense>{isStarted && <Notifications />}</Suspense>
      </div>
      <div className="frame__list">
        <ChannelList selectedId={'id' in route ? route.id : undefined} />
      </div>
      <main className="frame__screen">
        <Suspense fallback={<Spinner label="Loading" />}>
          <ScreenOf route={route} />
        </Suspense>
      </main>
    </div>
  );
}

function ScreenOf({ route }: { readonly route: Route }) {
  switch (route.screen) {
    case 'channel':
      return <ChannelScreen key={route.id} id={route.id} at={route.at} />;
    case 'details':
      return <Details key={route.id} id={route.id} />;
    case 'people':
      return <People />;
    case 'newGroup':
      return <NewGroup />;
    case 'settings':
      return <Settings />;
    default:
      return <NoChannel />;
  }
}
