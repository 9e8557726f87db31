/** With the mirror: what general tasks say of an encoder that knows the language, and of vectors that know nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { random, workspaceRoot } from '../../foundation/index.js';
import { readModelConfig } from '../../models/index.js';
import { createOnnxRuntimeEngine } from '../../runtime/index.js';
import { loadTokenizer } from '../../text/index.js';
import { asCsv, openWorkspace, run, sentences } from '../spec-support.js';
import { openGeneralTasks, scoreGeneralTasks } from './general-tasks.js';

const mirror = process.env['FIELDCRAFT_MIRROR'] ?? '';
const described = mirror === '' ? describe.skip : describe;

described('general tasks (needs FIELDCRAFT_MIRROR)', () => {
  test('are known to a general encoder without learning, and not to chance', async () => {
    const tasks = await openGeneralTasks(join(workspaceRoot(), 'data-cards'), ({ kind }) => {
      throw new Error(kind);
    });
    expect(tasks.map(({ name, metric }) => [name, metric])).toEqual([
      ['trec-qc', 'macroF1'],
      ['sick-similarity', 'pearson'],
    ]);
    const folder = join(mirror, 'models', 'sentence-transformers', 'all-MiniLM-L6-v2');
    const general = { folder, config: readModelConfig(folder), tokenizer: loadTokenizer(folder) };
    const engine = createOnnxRuntimeEngine({ threads: 1 });
    const [questions, pairs] = await scoreGeneralTasks(engine, tasks, { before: general, after: general });
    expect(questions?.before).toBeGreaterThan(0.65);
    expect(pairs?.before).toBeGreaterThan(0.7);
    expect([questions?.after, pairs?.after]).toEqual([questions?.before, pairs?.before]);

    const rng = random(1, 'vectors');
    const chance = {
      vectorsOf: (texts: readonly string[]) =>
        Promise.resolve(texts.map(() => Float32Array.from({ length: 32 }, () => rng.normal()))),
      words: new Float32Array(0),
      release: () => Promise.resolve(),
    };
    for (const task of tasks) expect(Math.abs(await task.score(chance))).toBeLessThan(0.35);
  }, 60_000);

  test('are scored before and after a stage, and stand in its report', async () => {
    const workspace = openWorkspace();
    process.env['FIELDCRAFT_MIRROR'] = mirror;
    try {
      const texts = sentences(400);
      const { report, folder } = await run({
        ...{ task: 'classification', data: workspace.file('task.csv', asCsv(texts)), base: workspace.base, threads: 1 },
        ...{
          corpus: [
            workspace.file(
              'corpus.txt',
              sentences(800)
                .map(({ text }) => text)
                .join('\n'),
            ),
          ],
        },
        ...{ adaptTokens: 2_000, epochs: 1, patience: 0, profile: 'quick', out: join(workspace.root, 'out') },
      });
      const general = report.curriculum?.[0]?.general ?? [];
      expect(general.map(({ task, metric }) => [task, metric])).toEqual([
        ['trec-qc', 'macroF1'],
        ['sick-similarity', 'pearson'],
      ]);
      for (const { before, after } of general) {
        expect(Number.isFinite(before) && Number.isFinite(after)).toBe(true);
        expect(after).not.toBe(before);
      }
      expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('trec-qc');
    } finally {
      workspace.close();
    }
  }, 60_000);
});
