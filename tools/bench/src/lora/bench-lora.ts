/** `npm run bench -- lora`: what tuning a part of an encoder costs beside tuning all of it, in one run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nn, runtime, training } from '@fieldcraft/core/internals';
import { listOf, numberOf } from '../arguments.js';
import { equalLengths, sciciteLengths, shapeOf, type Workload } from '../step/workloads.js';
import { formatTable } from '../table.js';
import { measureDepth, type DepthMeasurement } from './measure-depth.js';

export const loraUsage = `lora [--shapes minilm] [--batch 16] [--length scicite] [--rounds 5] [--depths full,lora,lora:1,top:1,head] [--rank 8] [--threads CORES]
           seconds of a step and of an epoch, the first and the later ones, and memory for gradients and moments, of each depth of tuning in
           alternation in one run; random weights. Lengths of scicite need FIELDCRAFT_MIRROR (default only where it is set)`;

/** @throws FieldcraftError for options that do not make sense, or data that is not there */
export async function benchLora(args: readonly string[], print: (line: string) => void): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      shapes: { type: 'string', default: 'minilm' },
      batch: { type: 'string', default: '16' },
      length: { type: 'string', default: process.env['FIELDCRAFT_MIRROR'] ? 'scicite' : '64' },
      rounds: { type: 'string', default: '5' },
      depths: { type: 'string', default: 'full,lora,lora:1,top:1,head' },
      rank: { type: 'string', default: '8' },
      threads: { type: 'string', default: String(availableParallelism()) },
      base: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    },
  });
  const whole = (option: 'batch' | 'rounds' | 'rank' | 'threads') => numberOf(option, values[option], { whole: true });
  const [batch, rounds, rank, threads] = [whole('batch'), whole('rounds'), whole('rank'), whole('threads')];
  const engine = runtime.createOnnxRuntimeEngine({ threads });
  const workload: Workload =
    values.length === 'scicite'
      ? await sciciteLengths(batch, values.base)
      : equalLengths(batch, numberOf('length', values.length, { whole: true }));
  for (const { title, config } of listOf(values.shapes).map(shapeOf)) {
    print(`${title}, ${workload.title}, ${threads} threads, dropout on, median of ${rounds} rounds`);
    print('');
    const adapters = { rank, alpha: 2 * rank, dropout: 0.1, roles: nn.defaultRoles };
    const depths = listOf(values.depths).map((name) => {
      const [kind, layers] = name.split(':');
      const options = {
        name: kind as training.DepthName,
        layers: layers === undefined ? undefined : Number(layers),
        adapters,
      };
      return { name, depth: training.depthOf(options, config.num_hidden_layers) };
    });
    const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-bench-lora-'));
    try {
      const measured = await measureDepth({ engine, config, workload, rounds, depths, folder });
      formatDepths(measured).forEach((line) => print(line));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    print('');
  }
}

/** Each beside the first. */
export function formatDepths(measured: readonly DepthMeasurement[]): string[] {
  const [first] = measured;
  const beside = (value: number, of: number | undefined) => `${((of ?? NaN) / value).toFixed(2)} x`;
  return formatTable(
    ['depth', 'learns', 'state MB', 'step ms', 'faster', 'first epoch s', 'later epochs s', 'faster'],
    measured.map(({ name, trained, parameters, stateBytes, step, firstEpoch, laterEpoch }) => [
      name,
      `${((100 * trained) / parameters).toFixed(2)} %`,
      (stateBytes / 1e6).toFixed(1),
      step.toFixed(1),
      beside(step, first?.step),
      firstEpoch.toFixed(2),
      laterEpoch.toFixed(2),
      beside(laterEpoch, first?.laterEpoch),
    ]),
  );
}
