import { createRoot } from 'react-dom/client';
import './design/tokens.css';
import './design/base.css';
import './app.css';
import { App } from './app.tsx';
import { registerWorker } from './register-worker.ts';

const place = document.getElementById('app');
if (!place) throw new Error('The page has no place for the app.');
createRoot(place).render(<App />);

// The next visit begins without the network.
if (import.meta.env.PROD && 'serviceWorker' in navigator)
  addEventListener('load', () => void registerWorker());
