/** `npm run bench -- sessions`: how much faster and smaller a served model is in INT8. */
import { parseArgs } from 'node:util';
import { listOf, numberOf } from '../arguments.js';
import { shapeOf } from '../step/workloads.js';
import { formatTable } from '../table.js';
import { measureSessions } from './sessions.js';

export const sessionsUsage = `sessions [--shapes minilm,bert-base] [--batch 1,8] [--length 128] [--threads 2] [--rounds 20]
           a served model in INT8 beside fp32, random weights, sessions asked in turns: ms a run, how many times faster, and the sizes of the
           files. Bars: 2.5 times faster for MiniLM and 3 times for BERT-base, files 3.7 times smaller`;

/** @throws FieldcraftError for options that do not make sense */
export async function benchSessions(args: readonly string[], print: (line: string) => void): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      shapes: { type: 'string', default: 'minilm,bert-base' },
      batch: { type: 'string', default: '1,8' },
      length: { type: 'string', default: '128' },
      threads: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '20' },
    },
  });
  const whole = (option: string, value: string) => numberOf(option, value, { whole: true });
  const [length, threads] = [whole('length', values.length), whole('threads', values.threads)];
  const batches = listOf(values.batch).map((batch) => whole('batch', batch));
  for (const { title, config } of listOf(values.shapes).map(shapeOf)) {
    const rounds = whole('rounds', values.rounds);
    const { bytes, batches: figures } = await measureSessions({ config, batches, length, threads, rounds });
    const megabytes = (count: number) => (count / 1e6).toFixed(1);
    print(`${title}, ${length} tokens, ${threads} threads`);
    const rows = figures.map(({ batch, fp32, int8 }) => [
      `batch ${batch}`,
      ...[fp32, int8].map((ms) => `${ms.toFixed(1)} ms`),
      (fp32 / int8).toFixed(2),
    ]);
    const sizes = ['file', `${megabytes(bytes.fp32)} MB`, `${megabytes(bytes.int8)} MB`];
    rows.push([...sizes, (bytes.fp32 / bytes.int8).toFixed(2)]);
    formatTable(['', 'fp32', 'INT8', 'times'], rows).forEach((line) => print(line));
    print('');
  }
}
