/** Errors as records, and back: a thread's error must say in another thread what it said in its own. */
import { errorCodes, FieldcraftError, type ErrorCode } from '@fieldcraft/core/errors';

/** An error on its way between threads, which keep no classes. */
export interface ErrorRecord {
  readonly code?: string;
  readonly what: string;
  readonly where?: string;
  readonly expected?: string;
  readonly got?: string;
  readonly fix?: string;
}

export function recordOf(error: unknown): ErrorRecord {
  if (error instanceof FieldcraftError) {
    const { what, where, expected, got, fix } = error.parts;
    return {
      ...{ code: error.code, what },
      ...(where !== undefined && { where }),
      ...(expected !== undefined && { expected }),
      ...(got !== undefined && { got }),
      ...(fix !== undefined && { fix }),
    };
  }
  return { what: error instanceof Error ? error.message : String(error) };
}

export function errorOf({ code, ...parts }: ErrorRecord): FieldcraftError {
  return new FieldcraftError(code !== undefined && isCode(code) ? code : 'FC_INTERNAL', parts);
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code);
