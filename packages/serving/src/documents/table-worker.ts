/** The thread that writes tables: a large one computes for seconds, which must not keep requests waiting. */
import { parentPort } from 'node:worker_threads';
import { writeTable, type Table, type TableFormat, type WrittenTable } from './write-table.js';

export interface TableRequest {
  readonly table: Table;
  readonly format: TableFormat;
}

export type TableAnswer = { readonly written: WrittenTable } | { readonly failure: string };

parentPort?.on('message', ({ table, format }: TableRequest) => {
  writeTable(table, format).then(
    (written) => parentPort?.postMessage({ written } satisfies TableAnswer),
    (error: unknown) => parentPort?.postMessage({ failure: String(error) } satisfies TableAnswer),
  );
});
