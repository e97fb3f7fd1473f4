/** A problem at the start that whoever runs Parley can solve. The message is one line and says what to do; no stack is worth showing. */
export interface StartError extends Error {
  readonly name: 'StartError';
}

export const startError = (message: string, cause?: unknown): StartError =>
  Object.assign(new Error(message.replaceAll(/\s*\n\s*/g, ' '), { cause }), { name: 'StartError' as const });

export const isStartError = (error: unknown): error is StartError =>
  error instanceof Error && error.name === 'StartError';

/** The code of a failed call of the operating system, such as `ENOSPC`, or of PostgreSQL, such as `28P01`. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
