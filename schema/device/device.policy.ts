import { problemOfLine } from '../one-line.ts';
import { type InvalidInput, invalidInput } from '../verdict.ts';

/** A label is shown in a list of devices, on one line. */
const maxLabelLength = 64;
const form = `A label is one line of 1 to ${maxLabelLength} characters.`;

/** What is wrong with `input.device`; undefined when it can be used. */
export function checkDevice({ label }: { readonly label: string }): InvalidInput | undefined {
  const problem = problemOfLine(label, maxLabelLength);
  return problem && invalidInput(problem, 'device.label', form);
}
