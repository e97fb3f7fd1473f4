export type DemoPerson = { readonly handle: string; readonly password: string };

let asked: Promise<readonly DemoPerson[]> | undefined;
let known: readonly DemoPerson[] = [];

/** People to try things out with, where there are some. They are asked for once; without an answer there is nobody to offer. */
export function demoPeople(): Promise<readonly DemoPerson[]> {
  asked ??= readDemoPeople();
  return asked;
}

/** Those of them that are known already. */
export const knownDemoPeople = (): readonly DemoPerson[] => known;

async function readDemoPeople(): Promise<readonly DemoPerson[]> {
  const response = await fetch('/demo-people.json').catch(() => undefined);
  if (response?.ok) known = await response.json().catch(() => []);
  return known;
}
