/** A value that is there, or a promise of it. Most of what one operation asks for twice is there the second time. */
export type Soon<T> = T | Promise<T>;

/** Goes on at once with what is there: a promise for each field of each entry of a list costs more than the field. */
export const whenThere = <T, R>(soon: Soon<T>, next: (value: T) => Soon<R>): Soon<R> =>
  soon instanceof Promise ? soon.then(next) : next(soon);
