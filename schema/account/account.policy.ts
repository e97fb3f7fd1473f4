import { problemOfLine } from '../one-line.ts';
import { type InvalidInput, invalidInput } from '../verdict.ts';

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

/** What is wrong with a password to be; undefined when it can be used. */
export function checkPassword(password: string): InvalidInput | undefined {
  const length = [...password].length;
  if (length >= minPasswordLength && length <= maxPasswordLength) return undefined;
  const code = length === 0 ? 'EMPTY' : length > maxPasswordLength ? 'TOO_LONG' : 'MALFORMED';
  const form = `A password has ${minPasswordLength} to ${maxPasswordLength} characters.`;
  return invalidInput(code, 'password', form);
}
