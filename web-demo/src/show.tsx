import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

export function show(): void {
  const place = document.getElementById('app');
  if (!place) throw new Error('The page has no place for the app.');
  createRoot(place).render(<App />);
}
