/** Reads documents that strangers send: each in a thread that is ended when it takes too long or too much memory. */
import { availableParallelism } from 'node:os';
import { FieldcraftError } from '@fieldcraft/core';
import { errorOf } from '../error-record.js';
import { defaultLimits, type DocumentLimits, type ReadDocument } from './document.js';
import type { ReadAnswer, ReadRequest } from './document-worker.js';
import type { DocumentSource } from './parse-document.js';
import { createThreadPool, QueueFull } from './thread-pool.js';

export interface DocumentReader {
  /**
   * @throws FieldcraftError FC_FILE_FORMAT for a file that is damaged or of another kind; FC_TOO_LARGE for one that exceeds a limit, of time and
   * memory too; FC_DATA where there is no text in it; FC_BUSY where more are waiting than may
   */
  read(source: DocumentSource, options?: { signal?: AbortSignal }): Promise<ReadDocument>;
  close(): Promise<void>;
}

export interface ReaderOptions {
  limits?: Partial<DocumentLimits>;
  /** Documents read at the same time. Default: half of the processors, at least one. */
  threads?: number;
  /** Documents that may wait. Default 16. */
  queue?: number;
}

/** Threads start with the first document, and end when there is none for a while. */
export function createDocumentReader({ limits: given, threads, queue = 16 }: ReaderOptions = {}): DocumentReader {
  const limits = { ...defaultLimits, ...given };
  const pool = createThreadPool<ReadRequest, ReadAnswer>({
    module: new URL('./document-worker.js', import.meta.url),
    threads: threads ?? Math.max(1, Math.floor(availableParallelism() / 2)),
    queue,
    resourceLimits: { maxOldGenerationSizeMb: limits.memoryMegabytes, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 },
  });

  return {
    async read({ name, bytes, mediaType }, { signal } = {}) {
      if (bytes.length > limits.bytes) {
        throw new FieldcraftError('FC_TOO_LARGE', {
          what: 'the file is larger than is allowed',
          where: name,
          expected: `at most ${limits.bytes} bytes`,
          got: `${bytes.length} bytes`,
        });
      }
      const slow = new AbortController();
      const signals = signal === undefined ? slow.signal : AbortSignal.any([slow.signal, signal]);
      // A copy that is given away to the thread: the caller keeps its own, which may be a part of a larger buffer.
      const copy = new Uint8Array(bytes);
      const request: ReadRequest = {
        source: { name, bytes: copy, ...(mediaType === undefined ? {} : { mediaType }) },
        limits,
      };
      const timer = setTimeout(() => slow.abort(), limits.seconds * 1000);
      let answer: ReadAnswer;
      try {
        answer = await pool.run(request, { signal: signals, transfer: [copy.buffer] });
      } catch (cause) {
        throw failureOf(cause, { name, limits, slow: slow.signal.aborted, stopped: signal?.aborted === true });
      } finally {
        clearTimeout(timer);
      }
      if ('document' in answer) return answer.document;
      throw errorOf(answer.error);
    },
    close: () => pool.close(),
  };
}

/** The way in which a thread ended, as an error that a person can read. */
function failureOf(
  cause: unknown,
  { name, limits, slow, stopped }: { name: string; limits: DocumentLimits; slow: boolean; stopped: boolean },
): unknown {
  if (stopped) return cause;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (slow) {
    return new FieldcraftError('FC_TOO_LARGE', {
      what: 'reading the document takes longer than is allowed',
      where: name,
      expected: `at most ${limits.seconds} seconds`,
      fix: 'print it to a new PDF, or divide it into several',
    });
  }
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new FieldcraftError('FC_TOO_LARGE', {
      what: 'reading the document takes more memory than is allowed',
      where: name,
      expected: `at most ${limits.memoryMegabytes} MB`,
      fix: 'divide it into several',
    });
  }
  if (cause instanceof QueueFull) {
    return new FieldcraftError('FC_BUSY', {
      what: 'more documents are being read than this server reads at a time',
      where: name,
      fix: 'send it again a little later',
    });
  }
  return cause;
}
