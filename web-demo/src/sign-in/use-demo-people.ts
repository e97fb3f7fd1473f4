import { useEffect, useState } from 'react';
import { type DemoPerson, demoPeople } from '../account/accounts.ts';

const nobody: readonly DemoPerson[] = [];

/** Asked for as soon as this is loaded, which is a little before anybody is shown. Without an answer there is nobody to offer. */
const asked = demoPeople().catch(() => nobody);

/** People to try things out with; nobody where there are none, and until one knows. */
export function useDemoPeople(): readonly DemoPerson[] {
  const [people, setPeople] = useState(nobody);
  useEffect(() => {
    let isGone = false;
    void asked.then((found) => isGone || setPeople(found));
    return () => {
      isGone = true;
    };
  }, []);
  return people;
}

/** A window of its own, in which this demo person is signed in. */
export const openWindowAs = (handle: string): void =>
  void window.open(`/?as=${encodeURIComponent(handle)}`, '_blank', 'popup,noopener,width=1000,height=760');
