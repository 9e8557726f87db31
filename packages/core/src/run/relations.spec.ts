/** A run on relations between given entities, from a file to predictions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createUntrainedModel, loadPredictor, saveHuggingFaceFolders } from '../export/index.js';
import { readModelConfig } from '../models/index.js';
import { trainWordPiece } from '../text/index.js';
import { compareRuns, evaluateRun } from './index.js';
import { openWorkspace, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

/** An untrained encoder whose vocabulary has the signs that mark entities. */
function writeBase(folder: string, texts: readonly string[]): string {
  const tokenizer = trainWordPiece([...texts, '@ * doer * x @ # ^ thing ^ x #', '@ * doer * x @ # ^ thing ^ x #'], {
    vocabularySize: 400,
  });
  const config = readModelConfig({
    ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 32, num_hidden_layers: 1 },
    ...{ num_attention_heads: 2, intermediate_size: 64, max_position_embeddings: 64 },
  });
  const task = {
    ...{ name: 'head', kind: 'classification' as const, labels: ['a', 'b'], mainMetric: 'macroF1' },
    ...{ maxLength: 64, stride: 16, tuning: {} },
  };
  saveHuggingFaceFolders(folder, createUntrainedModel({ config, tasks: [task], tokenizer, seed: 2 }));
  return join(folder, 'head');
}

/** `the cat sees the dog`: the first thing does something to the second one, unless an adjective stands before it. */
function rows(count: number) {
  return sentences(count, 5).map(({ text, label }) => {
    const words = text.split(' ');
    const place = (word: number, label: string) => {
      const start = words.slice(0, word).join(' ').length + (word === 0 ? 0 : 1);
      return { start, end: start + (words[word] ?? '').length, label };
    };
    const [doer, thing] = label === 'yes' ? [2, 5] : [1, 4];
    const mentions = [place(doer, 'Doer'), place(thing, 'Thing')];
    return { text, mentions, relations: label === 'yes' ? [] : [{ head: 0, tail: 1, label: 'acts on' }] };
  });
}

test('relations are learnt, reported, predicted and scored again', async () => {
  const examples = rows(400);
  const data = workspace.file('related.jsonl', examples.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const { report, folder } = await run({
    ...{
      task: 'relation-extraction',
      data,
      base: writeBase(
        join(workspace.root, 'signs'),
        examples.map(({ text }) => text),
      ),
      maxLength: 48,
    },
    ...{ epochs: 16, learningRate: 5e-3, dropout: 0, patience: 0, out: 'related' },
  });
  const [task] = report.tasks;
  expect([task?.kind, task?.labels]).toEqual(['relation-extraction', ['acts on']]);
  expect(task?.summary['relationF1']?.mean).toBeGreaterThan(0.9);
  expect(task?.beats).toMatchObject({ majority: true });
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('relations between entities');

  const predictor = await loadPredictor(folder, { threads: 1 });
  const predictions = await predictor.predict(task?.name ?? '', examples.slice(0, 20));
  const right = predictions.filter(
    (one, i) => 'relations' in one && one.relations.length === examples[i]?.relations.length,
  );
  expect(right.length).toBeGreaterThan(15);
  await predictor.release();

  const [again] = await evaluateRun({ folder, threads: 1 }, () => undefined);
  expect(again?.scores.metrics).toEqual(task?.seeds[0]?.test?.metrics);
  expect(compareRuns(folder, folder)).toMatchObject({ notCompared: [], tasks: [{ difference: 0, better: 'neither' }] });
});
