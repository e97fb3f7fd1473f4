import './design/tokens.css';
import './design/base.css';
import './app.css';
import { demoPeople } from './account/demo-people.ts';
import { isSomebodyHere } from './account/places.ts';
import { registerWorker } from './register-worker.ts';

/** A function each: side by side in one expression, a minifier takes them for one call, with the files of one of them. */
const parts = {
  signedIn: () => import('./signed-in.tsx'),
  signIn: () => import('./sign-in/sign-in.tsx'),
};
// What is shown first is loaded beside what shows it, not after it; so is what it asks for.
const isSomebody = isSomebodyHere();
if (!isSomebody) void demoPeople();
const first = parts[isSomebody ? 'signedIn' : 'signIn']().catch(() => ({}));
void Promise.all([import('./show.tsx'), first]).then(([{ show }, loaded]) => show(loaded));

// The next visit begins without the network. This one comes first.
const idleWithinMs = 10_000;
if (import.meta.env.PROD && 'serviceWorker' in navigator)
  addEventListener('load', () => {
    const whenIdle = globalThis.requestIdleCallback ?? ((work: () => void) => setTimeout(work, 2_000));
    setTimeout(() => whenIdle(() => void registerWorker(), { timeout: idleWithinMs }), 2_000);
  });
