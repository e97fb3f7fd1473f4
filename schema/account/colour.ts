import { createHash } from 'node:crypto';

/**
 * The luminance (WCAG 2.2) from which white and black are equally far: a contrast of 4.58 to each, so that a text in this
 * colour can be read on either, and either on it.
 */
const luminance = Math.sqrt(1.05 * 0.05) - 0.05;

/** The colour of a generated picture, `#rrggbb`: always the same for one handle, whatever its case. */
export function colourOf(handleKey: string): string {
  const bytes = createHash('sha256').update(handleKey).digest();
  const hue = (bytes.readUInt16BE(0) / 65_536) * 360;
  const saturation = 0.45 + (bytes.readUInt8(2) / 255) * 0.45;
  let [darker, lighter] = [0, 1];
  for (let round = 0; round < 20; round += 1) {
    const middle = (darker + lighter) / 2;
    if (luminanceOf(channels(hue, saturation, middle)) < luminance) darker = middle;
    else lighter = middle;
  }
  const hex = channels(hue, saturation, darker).map((part) =>
    Math.round(part * 255)
      .toString(16)
      .padStart(2, '0'),
  );
  return `#${hex.join('')}`;
}

/** Red, green and blue from 0 to 1 (CSS Color 4, hsl to rgb). */
const channels = (hue: number, saturation: number, lightness: number): number[] =>
  [0, 8, 4].map((offset) => {
    const k = (offset + hue / 30) % 12;
    return (
      lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1))
    );
  });

/** The contrast (WCAG 2.2) of white and of black letters on this colour, `#rrggbb`. */
export function contrastsOf(colour: string): { readonly white: number; readonly black: number } {
  const parts = [1, 3, 5].map((from) => Number.parseInt(colour.slice(from, from + 2), 16) / 255);
  const light = luminanceOf(parts) + 0.05;
  return { white: 1.05 / light, black: light / 0.05 };
}

/** Relative luminance as WCAG 2.2 defines it. */
export function luminanceOf([red = 0, green = 0, blue = 0]: readonly number[]): number {
  const linear = (part: number) => (part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}
