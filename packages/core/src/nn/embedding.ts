/** Tables of vectors, looked up by number. */
import { gatherRows, type Value } from '../graph/index.js';
import { inModule, parameter, qualify, type Builder } from './builder.js';
import type { LayerOptions } from './linear.js';

export interface EmbeddingOptions extends LayerOptions {
  /** Number of vectors. */
  readonly rows: number;
  readonly width: number;
  /** As in `ParameterOptions`; default none. */
  readonly paddingRow?: number;
}

/** The table's parameter, `name.weight` [rows, width]. */
export const embeddingTable = (b: Builder, name: string, options: EmbeddingOptions): Value => {
  const { rows, width, kind, std, paddingRow } = options;
  const padding = paddingRow === undefined ? {} : { paddingRow };
  const table = { kind, decay: true, initial: { normal: std }, table: true, ...padding } as const;
  return inModule(b, name, () => parameter(b, qualify(b, 'weight'), [rows, width], table));
};

/** The vectors [tokens, width] of `ids` [tokens], int64. */
export const embedding = (b: Builder, name: string, ids: Value, options: EmbeddingOptions): Value => {
  const table = embeddingTable(b, name, options);
  return inModule(b, name, () => gatherRows(table, ids));
};
