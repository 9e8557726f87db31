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
import { arithmeticOf, dataFolder, datasetOf, type Settings } from './settings.js';

export const trainingUsage = `training [--against hf,hf-bf16] [--arithmetic fp32|int8|fp32,int8] [--tasks scicite,ncbi] [--seeds 1] [--epochs 3] [--lr 1e-4] [--batch 16] [--max-length 256]
           [--base sentence-transformers/all-MiniLM-L6-v2] [--threads CORES] [--max-steps N] [--group] [--no-score]
           [--out FILE]     seconds, real tokens/s, peak memory and score of both, with ratios; needs Python (FIELDCRAFT_PYTHON)
           --arithmetic is ours, the first the one that others are compared with; --group adds Hugging Face Trainer with batches of
           similar length; hf-bf16 is it with bf16=True`;

/** @throws FieldcraftError for options that do not make sense, missing data or Python, or a trainer that fails */
export async function benchTraining(args: readonly string[], print: (line: string) => void): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      against: { type: 'string', default: 'hf' },
      arithmetic: { type: 'string', default: 'fp32' },
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
      'no-score': { type: 'boolean', default: false },
      out: { type: 'string' },
    },
  });
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

/** The ways of Hugging Face Trainer. */
const peers: Readonly<Record<string, { title: string; flags: readonly string[] }>> = {
  hf: { title: 'HF Trainer', flags: [] },
  'hf-bf16': { title: 'HF Trainer, bf16', flags: ['--bf16'] },
};

/** Ours first. @throws FieldcraftError FC_CONFIG naming those there are */
export function variantsOf({
  against,
  arithmetic,
  group,
}: {
  against: string;
  arithmetic: string;
  group: boolean;
}): Variant[] {
  const ours = listOf(arithmetic).map((name): Variant => {
    const title = arithmeticOf(name) === 'fp32' ? 'Fieldcraft' : `Fieldcraft, ${name}`;
    return { title, trainer: 'fieldcraft', flags: ['--arithmetic', name] };
  });
  const theirs = listOf(against).flatMap((name): Variant[] => {
    const peer = Object.hasOwn(peers, name) ? peers[name] : undefined;
    if (!peer) {
      throw new foundation.FieldcraftError('FC_CONFIG', {
        what: `there is no trainer ${name} to compare with`,
        where: '--against',
        expected: Object.keys(peers).join(', '),
        got: name,
      });
    }
    const { title, flags } = peer;
    const plain: Variant = { title, trainer: 'hf', flags };
    return group ? [plain, { ...plain, title: `${title}, by length`, flags: [...flags, '--group'] }] : [plain];
  });
  return [...ours, ...theirs];
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
