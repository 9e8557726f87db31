/** A run on requests with intents and slots, from a file to predictions and a folder that other programs read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPredictor } from '../export/index.js';
import { compareRuns, evaluateRun } from './index.js';
import { openWorkspace, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

/** Whether an adjective stands there is the intent; some ask for something besides. The last noun is a slot. */
function requests(count: number) {
  return sentences(count, 3).map(({ text, label }, i) => {
    const more = i % 4 === 0;
    const whole = more ? `${text} for Anna` : text;
    const start = text.lastIndexOf(' ') + 1;
    const entities = [{ start, end: text.length, label: 'thing' }];
    return { text: whole, entities, intents: more ? [label, 'gift'] : [label] };
  });
}

test('intents and slots are learnt together, reported, published, predicted and scored again', async () => {
  const rows = requests(400);
  const data = workspace.file('requests.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const { report, folder } = await run({
    ...{ task: 'slot-filling', data, base: workspace.base, maxLength: 32 },
    ...{ epochs: 16, learningRate: 3e-3, dropout: 0, patience: 0, out: 'requests' },
  });
  const [task] = report.tasks;
  expect([task?.kind, task?.mainMetric]).toEqual(['slot-filling', 'exactMatch']);
  expect(task?.labels).toEqual(['intent:gift', 'intent:no', 'intent:yes', 'thing']);
  expect(task?.summary['exactMatch']?.mean).toBeGreaterThan(0.5);
  expect(task?.summary['intentAccuracy']?.mean).toBeGreaterThan(0.6);
  expect(task?.summary['slotF1']?.mean).toBeGreaterThan(0.9);
  expect(task?.beats).toMatchObject({ majority: true });
  expect(task?.data.notes).toContain(
    'texts of training have several intents or none: each intent is a question of its own, with a threshold',
  );
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('intents and slots');
  const config = JSON.parse(readFileSync(join(folder, 'hf/slot-filling/config.json'), 'utf8')) as object;
  expect(config).toMatchObject({
    architectures: ['BertForTokenClassification'],
    id2label: { 0: 'O', 1: 'B-thing', 2: 'I-thing', 3: 'intent:gift', 4: 'intent:no', 5: 'intent:yes' },
  });
  expect(readFileSync(join(folder, 'hf/slot-filling/README.md'), 'utf8')).toContain("startsWith('intent:')");

  const predictor = await loadPredictor(folder, { threads: 1 });
  const predictions = await predictor.predict('slot-filling', rows.slice(0, 40));
  const right = predictions.filter((one, i) => {
    const { intents = [], entities: [slot] = [] } = rows[i] ?? {};
    if (!('intents' in one)) return false;
    const [found] = one.entities;
    return (
      one.intents.join() === [...intents].sort().join() && found?.start === slot?.start && found?.end === slot?.end
    );
  });
  expect(right.length).toBeGreaterThan(20);
  await predictor.release();

  const [again] = await evaluateRun({ folder, threads: 1 }, () => undefined);
  expect(again?.scores.metrics).toEqual(task?.seeds[0]?.test?.metrics);
  expect(compareRuns(folder, folder)).toMatchObject({ notCompared: [], tasks: [{ difference: 0, better: 'neither' }] });
});
