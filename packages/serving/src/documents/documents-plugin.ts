/** `POST /v1/documents`: a file that a person dropped, answered as text with its segments. */
import multipart, { type MultipartFile } from '@fastify/multipart';
import { FieldcraftError } from '@fieldcraft/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { goneSignal } from '../http/gone-signal.js';
import { HttpProblem } from '../problem.js';
import { mediaTypes } from './detect-media.js';
import { defaultLimits, segmentKinds } from './document.js';
import type { DocumentSource } from './parse-document.js';
import type { DocumentReader } from './read-document.js';

const segmentSchema = z.object({
  start: z.int().min(0).describe('UTF-16 index into the text'),
  end: z.int().min(0).describe('exclusive'),
  kind: z.enum(segmentKinds),
  level: z.int().min(0).describe('how deep it stands, from 0'),
  number: z.string().exactOptional().describe('of clauses, headings and items, as written: 2.3, (a), IV'),
  title: z.string().exactOptional().describe('the words of a heading, or those a clause opens with'),
  parent: z.int().min(0).exactOptional().describe('index of the segment that it stands under'),
  page: z.int().min(1).exactOptional(),
});

const documentSchema = z.object({
  name: z.string(),
  mediaType: z.string(),
  text: z.string(),
  pages: z.int().exactOptional(),
  segments: z.array(segmentSchema),
  notes: z.array(z.string()).describe('what was decided or left out while reading'),
});

export interface DocumentsOptions {
  reader: DocumentReader;
}

const rawTypes = [...Object.values(mediaTypes), 'application/octet-stream'];
const anything = { schema: z.any().describe('the bytes of the file') };

/** A fastify plugin: bodies are read here alone as bytes, so that other routes take no files. */
export async function documentsPlugin(app: FastifyInstance, { reader }: DocumentsOptions): Promise<void> {
  const { bytes } = defaultLimits;
  await app.register(multipart, { limits: { files: 1, fields: 8, fieldSize: 1_000, parts: 9, fileSize: bytes } });
  app.addContentTypeParser(rawTypes, { parseAs: 'buffer', bodyLimit: bytes }, (_request, body, done) =>
    done(null, body),
  );
  app.withTypeProvider<ZodTypeProvider>().post(
    '/v1/documents',
    {
      bodyLimit: bytes + 10_000,
      schema: {
        tags: ['documents'],
        summary: 'Read a document',
        description:
          'Text, Markdown, HTML, PDF or DOCX, as the field `file` of a form or as the body itself. Answers its text with headings, clauses, ' +
          'items and paragraphs by their places in it.',
        querystring: z.object({ name: z.string().min(1).max(300).optional().describe('file name, of a bare body') }),
        body: {
          content: Object.fromEntries(
            ['multipart/form-data', ...rawTypes].map((type) => [
              type,
              type === 'multipart/form-data' ? { schema: z.any().describe('a form with the field `file`') } : anything,
            ]),
          ),
        },
        response: { 200: documentSchema },
      },
    },
    async (request, reply) => {
      const source = await sourceOf(request, request.query.name);
      return reader.read(source, { signal: goneSignal(reply) });
    },
  );
}

async function sourceOf(request: FastifyRequest, name: string | undefined): Promise<DocumentSource> {
  if (request.isMultipart()) {
    const { file, bytes } = await fileOf(request);
    return { name: fileName(file.filename), bytes, mediaType: file.mimetype };
  }
  if (!Buffer.isBuffer(request.body) || request.body.length === 0) throw nothing('an empty body');
  const mediaType = request.headers['content-type'];
  return {
    name: fileName(name ?? 'document'),
    bytes: request.body,
    ...(mediaType === undefined ? {} : { mediaType }),
  };
}

/** @throws HttpProblem for a form that is none; those of the form's library, which know their status */
async function fileOf(request: FastifyRequest): Promise<{ file: MultipartFile; bytes: Buffer }> {
  let file: MultipartFile | undefined;
  try {
    file = await request.file();
    if (file !== undefined) return { file, bytes: await file.toBuffer() };
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error) throw error;
    throw new HttpProblem('invalid', { detail: `the form cannot be read: ${(error as Error).message}`, cause: error });
  }
  throw nothing('a form without a file');
}

/** The last part of a path, without what no file name needs. */
const fileName = (name: string): string =>
  name
    .replace(/^.*[\\/]/, '')
    .replace(/\p{Cc}/gu, '')
    .slice(0, 300) || 'document';

const nothing = (got: string): FieldcraftError =>
  new FieldcraftError('FC_DATA', {
    what: 'there is no document in the request',
    expected: 'a form with the field "file", or the document as the body',
    got,
  });
