/** `npm run bench -- step`: the speed of a training step beside that of its own matrix products, and where its time goes. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runtime } from '@fieldcraft/core/internals';
import { listOf, numberOf } from '../arguments.js';
import { measureStep } from './measure-step.js';
import { formatOperators, formatProducts, formatSpeed } from './step-tables.js';
import { arithmeticOf } from '../training/settings.js';
import { equalLengths, sciciteLengths, shapeOf } from './workloads.js';

export const stepUsage = `step [--shapes minilm,bert-base] [--batch 16] [--length 128,scicite] [--rounds 10] [--threads CORES] [--products]
           [--arithmetic fp32|int8] [--base sentence-transformers/all-MiniLM-L6-v2]
           ms and GFLOP/s of a training step and a prediction beside the bare matrix products of the same shapes in the same run,
           the optimizer's share, and where the time goes by operator; random weights. scicite stands for that dataset's lengths and needs
           FIELDCRAFT_MIRROR (default only where it is set). --products lists the bare products; --arithmetic int8 adds steps with
           products in 8 bits, in turn with the others`;

/** @throws FieldcraftError for options that do not make sense, or data that is not there */
export async function benchStep(args: readonly string[], print: (line: string) => void): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      shapes: { type: 'string', default: 'minilm,bert-base' },
      batch: { type: 'string', default: '16' },
      length: { type: 'string', default: process.env['FIELDCRAFT_MIRROR'] ? '128,scicite' : '128' },
      rounds: { type: 'string', default: '10' },
      threads: { type: 'string', default: String(availableParallelism()) },
      base: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
      products: { type: 'boolean', default: false },
      arithmetic: { type: 'string', default: 'fp32' },
    },
  });
  const batch = numberOf('batch', values.batch, { whole: true });
  const rounds = numberOf('rounds', values.rounds, { whole: true });
  const threads = numberOf('threads', values.threads, { whole: true });
  const int8 = arithmeticOf(values.arithmetic) === 'int8';
  const shapes = listOf(values.shapes).map(shapeOf);
  const workloads = [];
  for (const length of listOf(values.length)) {
    workloads.push(
      length === 'scicite'
        ? await sciciteLengths(batch, values.base)
        : equalLengths(batch, numberOf('length', length, { whole: true })),
    );
  }
  const engine = runtime.createOnnxRuntimeEngine({ threads });
  const lines = (list: readonly string[]) => list.forEach((line) => print(line));
  for (const { title, config } of shapes) {
    for (const workload of workloads) {
      print(`${title}, ${workload.title}, ${threads} threads, dropout on, median of ${rounds} rounds`);
      print('');
      const measured = await measureStep({ engine, config, workload, rounds, int8 });
      lines(formatSpeed(measured));
      print('');
      if (values.products) {
        lines(formatProducts(measured.step.products));
        print('');
      }
      lines(formatOperators(measured.profile));
      print('');
      if (measured.int8) {
        lines(formatOperators(measured.int8.profile, 'operator in INT8'));
        print('');
      }
    }
  }
}
