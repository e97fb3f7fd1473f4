import { useEffect, useState } from 'react';
import { type DemoPerson, demoPeople, knownDemoPeople } from '../account/demo-people.ts';

/** People to try things out with; nobody where there are none, and until one knows. */
export function useDemoPeople(): readonly DemoPerson[] {
  const [people, setPeople] = useState(knownDemoPeople);
  useEffect(() => {
    let isGone = false;
    void demoPeople().then((found) => isGone || setPeople(found));
    return () => {
      isGone = true;
    };
  }, []);
  return people;
}

/** A window of its own, in which this demo person is signed in. */
export const openWindowAs = (handle: string): void =>
  void window.open(`/?as=${encodeURIComponent(handle)}`, '_blank', 'popup,noopener,width=1000,height=760');
