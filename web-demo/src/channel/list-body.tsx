import { createContext, use, useLayoutEffect } from 'react';
import type { CustomContainerComponentProps } from 'virtua';

/** What is to be done when the list has become higher or lower, before that is painted. */
export const HeightContext = createContext<() => void>(() => undefined);

/** What holds the rows. It tells when it has another height: a list that is to stay at its end must be brought there again. */
export function ListBody({ style, children, ref }: CustomContainerComponentProps) {
  const onHeight = use(HeightContext);
  const { height } = style;
  // The list itself corrects its place right behind this, so this comes behind that.
  useLayoutEffect(() => {
    if (height !== undefined) queueMicrotask(onHeight);
  }, [height, onHeight]);
  return (
    <div ref={ref} style={style}>
      {children}
    </div>
  );
}
