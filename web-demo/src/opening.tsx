import { SkeletonRows } from './channel-list/skeleton-rows.tsx';
import { EmptyState } from './design/empty-state.tsx';

/** What is so whoever is signed in: it is there at once, and nothing moves when the rest comes. */
export const Opening = () => (
  <div className="frame frame--list" aria-busy="true">
    <div className="frame__list">
      <SkeletonRows />
    </div>
    <main className="frame__screen">
      <NoChannel />
    </main>
  </div>
);

export const NoChannel = () => (
  <EmptyState title="No channel is open">Choose one from the list, or find somebody to write to.</EmptyState>
);
