import { type KeyboardEvent, type RefObject, useLayoutEffect } from 'react';

type Props = {
  readonly box: RefObject<HTMLTextAreaElement | null>;
  readonly value: string;
  readonly label: string;
  readonly describedBy: string | undefined;
  readonly onChange: (text: string) => void;
  readonly onEnter: () => void;
  readonly onEscape: () => void;
  /** Arrow up while nothing is written. */
  readonly onUp: () => void;
};

/** With a finger there is no Shift: there Enter makes a line, and a button sends. */
export const isTouch = (): boolean => matchMedia('(pointer: coarse)').matches;

/** A field that grows with its text, up to eight lines. */
export function TextBox({ box, value, label, describedBy, onChange, ...on }: Props) {
  useLayoutEffect(() => {
    const field = box.current;
    if (!field) return;
    field.style.height = 'auto';
    // Its text decides, with the border that `scrollHeight` leaves out; the style sheet says how far.
    if (value !== '') field.style.height = `${field.scrollHeight + 2}px`;
  }, [box, value]);
  const onKeyDown = (event: KeyboardEvent) => {
    // The keys of a composition choose its characters. Safari ends it before it tells of the key, which is 229 then.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const isEnter = event.key === 'Enter' && !event.shiftKey && !isTouch();
    if (isEnter) on.onEnter();
    else if (event.key === 'Escape') on.onEscape();
    else if (event.key === 'ArrowUp' && value === '') on.onUp();
    else return;
    event.preventDefault();
  };
  return (
    <textarea
      ref={box}
      className="composer__box"
      dir="auto"
      rows={1}
      value={value}
      placeholder={label}
      aria-label={label}
      aria-describedby={describedBy}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKeyDown}
    />
  );
}
