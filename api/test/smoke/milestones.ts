/** What is to happen when so much has happened, whatever the clock says. */
export type Milestones = {
  pass(): void;
  /** Resolves when so many have passed. */
  reached(count: number): Promise<void>;
};

export function createMilestones(): Milestones {
  let passed = 0;
  let waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const settle = () => {
    for (const { count, resolve } of waiting) if (count <= passed) resolve();
    waiting = waiting.filter(({ count }) => count > passed);
  };
  return {
    pass() {
      passed += 1;
      settle();
    },
    reached: (count) =>
      new Promise((resolve) => {
        waiting.push({ count, resolve });
        settle();
      }),
  };
}
