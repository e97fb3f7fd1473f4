import './design/tokens.css';
import './design/base.css';
import './app.css';
import { isSomebodyHere } from './account/places.ts';
import { registerWorker } from './register-worker.ts';

// What is shown first is loaded beside what shows it, not after it.
void import('./show.tsx').then(({ show }) => show());
void (isSomebodyHere() ? import('./signed-in.tsx') : import('./sign-in/sign-in.tsx'));

// The next visit begins without the network. This one comes first.
const idleWithinMs = 10_000;
if (import.meta.env.PROD && 'serviceWorker' in navigator)
  addEventListener('load', () => {
    const whenIdle = globalThis.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 2_000));
    setTimeout(() => whenIdle(() => void registerWorker(), { timeout: idleWithinMs }), 2_000);
  });
