import { createRoot } from 'react-dom/client';
import { App, type Parts } from './app.tsx';

/** `parts`: what of the app is loaded already. */
export function show(parts: Partial<Parts>): void {
  const place = document.getElementById('app');
  if (!place) throw new Error('The page has no place for the app.');
  createRoot(place).render(<App {...parts} />);
}
