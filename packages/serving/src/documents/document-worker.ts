/** The thread that reads documents: what it answers is plain data, an error too. */
import { parentPort } from 'node:worker_threads';
import { FieldcraftError, type ErrorCode } from '@fieldcraft/core/errors';
import type { DocumentLimits, ReadDocument } from './document.js';
import { parseDocument, type DocumentSource } from './parse-document.js';

export interface ReadRequest {
  readonly source: DocumentSource;
  readonly limits: DocumentLimits;
}

/** An error as data: classes do not outlast the way between threads. */
export interface ReadFailure {
  readonly code: ErrorCode;
  readonly parts: FieldcraftError['parts'];
}

export type ReadAnswer = { readonly document: ReadDocument } | { readonly failure: ReadFailure };

async function read({ source, limits }: ReadRequest): Promise<ReadAnswer> {
  try {
    return { document: await parseDocument(source, limits) };
  } catch (error) {
    if (error instanceof FieldcraftError) {
      const { cause: _, ...parts } = error.parts;
      return { failure: { code: error.code, parts } };
    }
    // Depths and sizes that a library did not reckon with.
    const got = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'an unknown fault';
    return {
      failure: { code: 'FC_FILE_FORMAT', parts: { what: 'the document cannot be read', where: source.name, got } },
    };
  }
}

parentPort?.on(
  'message',
  (request: ReadRequest) => void read(request).then((answer) => parentPort?.postMessage(answer)),
);
