/** Every failure a user can cause: one class, one table of stable codes, one shape of message. */

/** Stable codes; scripts may match on them. Each says in one line what kind of failure it is. */
export const errorCodes = {
  FC_CONFIG: 'a configuration value is missing, unknown or out of range',
  FC_NOT_FOUND: 'a file, folder, model, dataset or task cannot be found',
  FC_FILE_FORMAT: 'a file does not hold what its format demands',
  FC_UNSAFE_FILE: 'a file asks for something that an untrusted file may not ask for',
  FC_CHECKSUM: 'the bytes of a file differ from its published checksum',
  FC_DOWNLOAD: 'a download failed',
  FC_ARCHITECTURE: 'a model architecture that is not implemented',
  FC_WEIGHTS: 'weights do not fit the model',
  FC_TOKENIZER: 'a tokenizer is missing, damaged, or not the one the model was trained with',
  FC_DATA: 'examples are not what the task needs',
  FC_DATA_CARD: 'a data card is not valid',
  FC_DATA_QUALITY: 'the data would make the result dishonest',
  FC_LICENCE: 'a licence does not permit the requested use',
  FC_GRAPH: 'a graph is not well formed',
  FC_DEVICE: 'an execution device is not available',
  FC_ENGINE: 'the tensor engine failed',
  FC_NOT_FINITE: 'a loss or gradient is not finite',
  FC_DISK: 'a file could not be written',
  FC_RUN_FOLDER: 'a run folder is in use, incomplete, or belongs to another configuration',
  FC_INTERRUPTED: 'the run was stopped by a signal after saving its state',
  FC_TOO_LARGE: 'a file or a request is larger than is allowed, or takes more time or memory',
  FC_BUSY: 'more is asked for at a time than can be done; it may be asked for again a little later',
  FC_GATE: 'a model is not good enough to be shipped',
  FC_INTERNAL: 'a fault of Fieldcraft itself',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** The parts of a message; every part that is known should be given. */
export interface ErrorParts {
  /** What went wrong, as one sentence without a full stop. */
  what: string;
  /** File, line, parameter or option where it was noticed. */
  where?: string;
  expected?: string;
  got?: string;
  /** What the user can do about it. */
  fix?: string;
  cause?: unknown;
}

/** An error that is the user's to read: `code` is stable, `message` says what, where, expected, got, and how to fix it. */
export class FieldcraftError extends Error {
  readonly code: ErrorCode;
  readonly parts: ErrorParts;

  constructor(code: ErrorCode, parts: ErrorParts) {
    const lines = [
      parts.what,
      parts.where === undefined ? undefined : `  where:    ${parts.where}`,
      parts.expected === undefined ? undefined : `  expected: ${parts.expected}`,
      parts.got === undefined ? undefined : `  got:      ${parts.got}`,
      parts.fix === undefined ? undefined : `  fix:      ${parts.fix}`,
    ];
    super(
      lines.filter((line) => line !== undefined).join('\n'),
      parts.cause === undefined ? undefined : { cause: parts.cause },
    );
    this.name = 'FieldcraftError';
    this.code = code;
    this.parts = parts;
  }
}
