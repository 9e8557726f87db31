/** `npm run bench -- training --against hf`: our trainer and Hugging Face Trainer in alternation on the same data, weights and machine. */
import { appendFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { checkpoint, foundation } from '@fieldcraft/core/internals';
import { listOf, numberOf } from '../arguments.js';
import { findPython } from '../python.js';
import { differencesInData, formatComparison, type TrainerRuns } from './comparison.js';
import type { TrainerResult } from './result.js';
import { pythonTrainer, runTrainer, type Variant } from './run-trainer.js';
import { dataFolder, datasetOf, type Settings } from './settings.js';

export const trainingUsage = `training --against hf [--tasks scicite,ncbi] [--seeds 1] [--epochs 3] [--lr 1e-4] [--batch 16] [--max-length 256]
           [--base sentence-transformers/all-MiniLM-L6-v2] [--threads CORES] [--max-steps N] [--group] [--bf16] [--no-score]
           [--out FILE]     seconds, real tokens/s, peak memory and score of both, with ratios; needs Python (FIELDCRAFT_PYTHON)
           --group and --bf16 add Hugging Face Trainer with batches of similar length and in bf16 (and both, where both are given)`;

/** @throws FieldcraftError for options that do not make sense, missing data or Python, or a trainer that fails */
export async function benchTraining(args: readonly string[], print: (line: string) => void): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      against: { type: 'string', default: 'hf' },
      tasks: { type: 'string', default: 'scicite,ncbi' },
      seeds: { type: 'string', default: '1' },
      epochs: { type: 'string', default: '3' },
      lr: { type: 'string', default: '1e-4' },
      batch: { type: 'string', default: '16' },
      'max-length': { type: 'string', default: '256' },
      base: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
      threads: { type: 'string', default: String(availableParallelism()) },
      'max-steps': { type: 'string' },
      group: { type: 'boolean', default: false },
      bf16: { type: 'boolean', default: false },
      'no-score': { type: 'boolean', default: false },
      out: { type: 'string' },
    },
  });
  if (values.against !== 'hf') {
    throw new foundation.FieldcraftError('FC_CONFIG', {
      what: 'there is one trainer to compare with',
      expected: '--against hf',
      got: values.against,
    });
  }
  const folders = new Map(listOf(values.tasks).map((task) => [task, dataFolder(datasetOf(task))]));
  const variants = variantsOf(values);
  const python = findPython(pythonTrainer);
  const { folder: model } = await checkpoint.resolveModel(values.base);
  const shared = {
    model,
    epochs: numberOf('epochs', values.epochs),
    learningRate: numberOf('lr', values.lr),
    batch: numberOf('batch', values.batch, { whole: true }),
    maxLength: numberOf('max-length', values['max-length'], { whole: true }),
    threads: numberOf('threads', values.threads, { whole: true }),
    maxSteps:
      values['max-steps'] === undefined ? undefined : numberOf('max-steps', values['max-steps'], { whole: true }),
    scored: !values['no-score'],
  };
  const seeds = numberOf('seeds', values.seeds, { whole: true });

  for (const [task, data] of folders) {
    const { title, score } = datasetOf(task);
    const length = shared.maxSteps === undefined ? `${shared.epochs} epochs` : `${shared.maxSteps} updates`;
    print(
      `${title}: ${values.base}, ${length}, batch ${shared.batch}, lr ${shared.learningRate}, ${shared.threads} threads`,
    );
    const runs = variants.map(({ title }): TrainerRuns & { results: TrainerResult[] } => ({ title, results: [] }));
    for (let seed = 1; seed <= seeds; seed++) {
      // Forwards and backwards in turn, so that a machine that slows down slows all of them.
      const order = [...variants.keys()];
      for (const index of seed % 2 === 0 ? order.reverse() : order) {
        const variant = variants[index]!;
        const settings: Settings = { ...shared, task, data, seed };
        const result = await runTrainer(variant, settings, python);
        runs[index]!.results.push(result);
        print(
          `  seed ${seed}, ${variant.title}: ${result.seconds.toFixed(1)} s, ${(result.tokens / result.seconds).toFixed(0)} tokens/s`,
        );
        if (values.out !== undefined) appendFileSync(values.out, recordOf(variant, settings, result));
      }
      const [ours, ...theirs] = runs.map(({ results }) => results.at(-1)!);
      for (const their of theirs) requireSameData(ours!, their);
    }
    print('');
    for (const line of formatComparison(runs, score)) print(line);
    print('');
  }
}

function variantsOf({ group, bf16 }: { group: boolean; bf16: boolean }): Variant[] {
  return [
    { title: 'Fieldcraft' },
    { title: 'HF Trainer', peerFlags: [] },
    ...(group ? [{ title: 'HF Trainer, by length', peerFlags: ['--group'] }] : []),
    ...(bf16 ? [{ title: 'HF Trainer, bf16', peerFlags: ['--bf16'] }] : []),
    ...(group && bf16 ? [{ title: 'HF Trainer, by length, bf16', peerFlags: ['--group', '--bf16'] }] : []),
  ];
}

function requireSameData(ours: TrainerResult, theirs: TrainerResult): void {
  const differences = differencesInData(ours, theirs);
  if (differences.length === 0) return;
  throw new foundation.FieldcraftError('FC_DATA', {
    what: 'the trainers did not see the same data, so that nothing can be compared',
    got: differences.join('; '),
  });
}

/** One line of the file that keeps results. */
function recordOf(variant: Variant, settings: Settings, result: TrainerResult): string {
  const machine = { cpu: cpus()[0]?.model.trim(), cores: availableParallelism() };
  return `${JSON.stringify({ date: new Date().toISOString(), trainer: variant.title, ...settings, ...result, machine })}\n`;
}
