import { problemOfLine } from '../one-line.ts';
import { type InvalidInput, invalidInput } from '../verdict.ts';
import { contrastsOf } from './colour.ts';

const handleForm = /^[A-Za-z0-9][A-Za-z0-9_.-]{2,31}$/;
const maxHandleLength = 32;
const maxDisplayNameLength = 64;
const minPasswordLength = 8;
/** Enough for any phrase; it bounds what is hashed. */
const maxPasswordLength = 200;

/** What handles are compared by: they are unique whatever their case. */
export const handleKeyOf = (handle: string) => handle.toLowerCase();

/** Could anybody have this handle? */
export const isHandle = (handle: string) => handleForm.test(handle);

/** What is wrong with `input.handle`; undefined when it can be used. */
export function checkHandle(handle: string): InvalidInput | undefined {
  if (isHandle(handle)) return undefined;
  const code = handle === '' ? 'EMPTY' : handle.length > maxHandleLength ? 'TOO_LONG' : 'MALFORMED';
  const form =
    'A handle has 3 to 32 letters A to Z, digits, `_`, `.` and `-`, and begins with a letter or a digit.';
  return invalidInput(code, 'handle', form);
}

/** What is wrong with `input.displayName`; undefined when it can be used. */
export function checkDisplayName(displayName: string): InvalidInput | undefined {
  const problem = problemOfLine(displayName, maxDisplayNameLength);
  const form = `A display name is one line of 1 to ${maxDisplayNameLength} characters.`;
  return problem && invalidInput(problem, 'displayName', form);
}

/** A display name as it is kept: without white space around it, and each character written in one way. */
export const displayNameOf = (displayName: string) => displayName.trim().normalize('NFC');

/** For large text and for pictures (WCAG 2.2, AA). Generated colours do better; nearly nothing that people would choose does. */
const minContrast = 3;

/** What is wrong with `input.colour`; undefined when white letters can be read on it, and black ones too. */
export function checkColour(colour: string): InvalidInput | undefined {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) {
    return invalidInput(colour === '' ? 'EMPTY' : 'MALFORMED', 'colour', 'A colour is written as `#rrggbb`.');
  }
  const { white, black } = contrastsOf(colour);
  if (white >= minContrast && black >= minContrast) return undefined;
  const [problem, cure] = white < minContrast ? ['light', 'darker'] : ['dark', 'lighter'];
  return invalidInput(
    'MALFORMED',
    'colour',
    `This colour is too ${problem} for letters on it: take a ${cure} one.`,
  );
}

/** What is wrong with a password to be, in this field of the input; undefined when it can be used. */
export function checkPassword(
  password: string,
  field: 'password' | 'newPassword' = 'password',
): InvalidInput | undefined {
  const length = [...password].length;
  if (length >= minPasswordLength && length <= maxPasswordLength) return undefined;
  const code = length === 0 ? 'EMPTY' : length > maxPasswordLength ? 'TOO_LONG' : 'MALFORMED';
  const form = `A password has ${minPasswordLength} to ${maxPasswordLength} characters.`;
  return invalidInput(code, field, form);
}
