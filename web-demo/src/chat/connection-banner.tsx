import { useEffect, useState } from 'react';
import type { Connection } from '../tabs/one-leader.ts';
import { useConnection } from './chat-context.tsx';
import './connection-banner.css';

const words: { readonly [state in Connection]?: string } = {
  connecting: 'Connecting…',
  catchingUp: 'Catching up…',
  offline: 'Offline. What you write is kept here and sent when the connection is back.',
};
/** A blink is no news. */
const patienceMs = 400;

/** What is so with the connection, as long as that is worth a word. */
export function ConnectionBanner() {
  const connection = useConnection();
  const [shown, setShown] = useState<Connection>('live');
  useEffect(() => {
    const timer = setTimeout(() => setShown(connection), connection === 'live' ? 0 : patienceMs);
    return () => clearTimeout(timer);
  }, [connection]);
  return (
    <div className={`connection-banner connection-banner--${shown}`} role="status">
      {words[shown]}
    </div>
  );
}
