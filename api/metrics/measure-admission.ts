import { Counter, type Registry } from 'prom-client';
import type { Admission } from '../socket/admission.ts';
import type { CountRefusal } from './measure-ports.ts';

/** The same admission, which counts whom it lets in, and whom it does not. */
export function createMeasureAdmission(
  registry: Registry,
  countRefusal: CountRefusal,
): (admission: Admission) => Admission {
  const admitted = new Counter({
    name: 'parley_sockets_admitted_total',
    help: 'WebSockets and streams that were let in. Who was not is a refusal: sockets-at-once (the set rate) or sockets-of-address.',
    registers: [registry],
  });
  const counted = <T>(by: string, place: T | undefined): T | undefined => {
    if (place === undefined) countRefusal(by);
    return place;
  };
  return (admission) => ({
    admitSocket: (address) => counted('sockets-of-address', admission.admitSocket(address)),
    admitNow() {
      const isAdmitted = admission.admitNow();
      if (isAdmitted) admitted.inc();
      else countRefusal('sockets-at-once');
      return isAdmitted;
    },
    admitUser: (viewer) => counted('sockets-of-person', admission.admitUser(viewer)),
    get counts() {
      return admission.counts;
    },
  });
}
