import { useId } from 'react';
import { palette } from '../design/palette.ts';

type Props = {
  readonly value: string;
  /** What it is now, which may be none of those that are offered. */
  readonly own: string;
  readonly onChange: (colour: string) => void;
};

export function ColourChoice({ value, own, onChange }: Props) {
  const name = useId();
  const isOffered = palette.some(({ colour }) => colour === own);
  const offered = isOffered ? palette : [{ name: 'As it is', colour: own }, ...palette];
  return (
    <fieldset className="settings__colours">
      <legend className="settings__legend">Colour</legend>
      {offered.map(({ name: label, colour }) => (
        <label key={colour} className="settings__colour" title={label}>
          <input
            className="settings__colour-input"
            {...{ type: 'radio', name, value: colour, checked: colour === value }}
            onChange={() => onChange(colour)}
            style={{ backgroundColor: colour }}
          />
          <span className="visually-hidden">{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
