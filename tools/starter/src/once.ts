/** Steps that are done once: what each tells is kept in a file. */
import { existsSync, readFileSync } from 'node:fs';
import { foundation } from '@fieldcraft/core/internals';
import type { z } from 'zod';

/** What `run` told when it was first done. */
export async function once<T>(path: string, schema: z.ZodType<T>, run: () => Promise<T>): Promise<T> {
  if (existsSync(path)) return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const result = await run();
  foundation.writeFileAtomic(path, JSON.stringify(result));
  return result;
}
