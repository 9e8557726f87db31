/** `POST /v1/export`: the table that a screen shows, as a file to take away. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { tableFormats, writeTable } from './write-table.js';

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

export async function tablePlugin(app: FastifyInstance): Promise<void> {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/v1/export',
    {
      bodyLimit: 20_000_000,
      schema: {
        tags: ['documents'],
        summary: 'A table as CSV, JSON, Markdown or DOCX',
        querystring: z.object({ format: z.enum(tableFormats) }),
        body: tableSchema,
      },
    },
    async (request, reply) => {
      const { bytes, mediaType, extension } = await writeTable(request.body, request.query.format);
      const name =
        request.body.title
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
