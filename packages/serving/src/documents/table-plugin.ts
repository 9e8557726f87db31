/** `POST /v1/export`: the table that a screen shows, as a file to take away. */
import { FieldcraftError } from '@fieldcraft/core';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { mediaTypes } from './detect-media.js';
import { goneSignal } from '../http/gone-signal.js';
import type { TableAnswer, TableRequest } from './table-worker.js';
import { createThreadPool, QueueFull } from './thread-pool.js';
import { tableFormats, type WrittenTable } from './write-table.js';

const cell = z.union([z.string().max(100_000), z.number(), z.boolean(), z.null()]);

const tableSchema = z.object({
  title: z.string().min(1).max(300),
  notes: z.array(z.string().max(5_000)).max(50).optional(),
  columns: z
    .array(
      z.object({
        key: z.string().min(1).max(100),
        title: z.string().max(200),
        align: z.enum(['left', 'right']).optional(),
      }),
    )
    .min(1)
    .max(50),
  rows: z.array(z.record(z.string().max(100), cell)).max(20_000),
});

const types = ['text/csv', 'application/json', mediaTypes.markdown, mediaTypes.docx];
const file = { schema: z.any() };

/** Cells of a DOCX table: each takes some twenty kilobytes while it is made, and no person reads more. */
const mostCellsOfDocx = 20_000;

export async function tablePlugin(app: FastifyInstance): Promise<void> {
  const pool = createThreadPool<TableRequest, TableAnswer>({
    module: new URL('./table-worker.js', import.meta.url),
    ...{ threads: 1, queue: 16, resourceLimits: { maxOldGenerationSizeMb: 1024 } },
  });
  app.addHook('onClose', () => pool.close());

  async function write(request: TableRequest, signal: AbortSignal): Promise<WrittenTable> {
    const answer = await pool.run(request, { signal, transfer: [] }).catch((cause: unknown) => {
      if (!(cause instanceof QueueFull)) throw cause;
      const fix = 'send it again a little later';
      throw new FieldcraftError('FC_BUSY', {
        what: 'more tables are being written than this server writes',
        fix,
        cause,
      });
    });
    if ('written' in answer) return answer.written;
    throw new FieldcraftError('FC_INTERNAL', { what: 'a table could not be written', got: answer.failure });
  }

  app.withTypeProvider<ZodTypeProvider>().post(
    '/v1/export',
    {
      bodyLimit: 20_000_000,
      schema: {
        tags: ['documents'],
        summary: 'A table as CSV, JSON, Markdown or DOCX',
        querystring: z.object({ format: z.enum(tableFormats) }),
        body: tableSchema,
        response: { 200: { description: 'The file', content: Object.fromEntries(types.map((type) => [type, file])) } },
      },
    },
    async (request, reply) => {
      const { body: table, query } = request;
      const cells = table.columns.length * table.rows.length;
      if (query.format === 'docx' && cells > mostCellsOfDocx) {
        throw new FieldcraftError('FC_TOO_LARGE', {
          what: 'the table is too large for a text document',
          expected: `at most ${mostCellsOfDocx} cells`,
          got: `${cells}`,
          fix: 'take it as CSV',
        });
      }
      const { bytes, mediaType, extension } = await write({ table, format: query.format }, goneSignal(reply));
      const name =
        table.title
          .replace(/[^\p{L}\p{N}]+/gu, '-')
          .replace(/^-|-$/g, '')
          .toLowerCase() || 'table';
      return reply
        .header('content-type', mediaType)
        .header(
          'content-disposition',
          `attachment; filename="table.${extension}"; filename*=UTF-8''${encodeURIComponent(name)}.${extension}`,
        )
        .send(Buffer.from(bytes));
    },
  );
}
