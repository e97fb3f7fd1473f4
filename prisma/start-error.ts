/** A problem at the start that whoever runs Parley can solve. Its message says what to do; no stack is worth showing. */
export interface StartError extends Error {
  readonly name: 'StartError';
}

const oneLine = (text: string) => text.replaceAll(/\s*\n\s*/g, ' ');

/** One problem is one line, whatever a cause's words look like; several problems are a line each. */
export const startError = (lines: string | readonly string[], cause?: unknown): StartError =>
  Object.assign(new Error([lines].flat().map(oneLine).join('\n'), { cause }), {
    name: 'StartError' as const,
  });

export const isStartError = (error: unknown): error is StartError =>
  error instanceof Error && error.name === 'StartError';

/** The code of a failed call of the operating system, such as `ENOSPC`, or of PostgreSQL, such as `28P01`. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
