/** Colours on which white letters and black ones have a contrast of 4.5, as the server wants them of a person. */
export const palette = [
  { name: 'Violet', colour: '#7465d2' },
  { name: 'Blue', colour: '#2673d8' },
  { name: 'Teal', colour: '#138187' },
  { name: 'Green', colour: '#218553' },
  { name: 'Olive', colour: '#5b7f25' },
  { name: 'Ochre', colour: '#9a6c11' },
  { name: 'Orange', colour: '#bd561b' },
  { name: 'Red', colour: '#d13f4d' },
  { name: 'Pink', colour: '#cd3a83' },
  { name: 'Purple', colour: '#a64ec4' },
  { name: 'Brown', colour: '#a3654e' },
] as const;

/** A group has no colour of its own: always the same for one id. */
export function groupColourOf(id: string): string {
  let sum = 0;
  for (let at = 0; at < id.length; at += 1) sum = (sum * 31 + id.charCodeAt(at)) % 65_521;
  return palette[sum % palette.length]?.colour ?? palette[0].colour;
}
