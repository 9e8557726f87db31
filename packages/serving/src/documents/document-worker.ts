/** The thread that reads documents: what it answers is plain data, an error too. */
import { parentPort } from 'node:worker_threads';
import { FieldcraftError } from '@fieldcraft/core/errors';
import { recordOf, type ErrorRecord } from '../error-record.js';
import type { DocumentLimits, ReadDocument } from './document.js';
import { parseDocument, type DocumentSource } from './parse-document.js';

export interface ReadRequest {
  readonly source: DocumentSource;
  readonly limits: DocumentLimits;
}

export type ReadAnswer = { readonly document: ReadDocument } | { readonly error: ErrorRecord };

async function read({ source, limits }: ReadRequest): Promise<ReadAnswer> {
  try {
    return { document: await parseDocument(source, limits) };
  } catch (error) {
    if (error instanceof FieldcraftError) return { error: recordOf(error) };
    // Depths and sizes that a library did not reckon with.
    const got = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'an unknown fault';
    return { error: { code: 'FC_FILE_FORMAT', what: 'the document cannot be read', where: source.name, got } };
  }
}

parentPort?.on(
  'message',
  (request: ReadRequest) => void read(request).then((answer) => parentPort?.postMessage(answer)),
);
