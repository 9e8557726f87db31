/** Bulk predictions: what is read and written, bad rows, and a stop in the middle that changes no byte. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exports, models, text } from '@fieldcraft/core/internals';
import { predictBatch, type BatchRequest } from './batch.js';
import { createScreen } from './screen.js';
import { memoryScreen, memoryStream, runHere } from './test-streams.js';

const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-batch-'));
const model = join(folder, 'model');
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  const tokenizer = text.trainWordPiece(['We may close the account. Goods are sold.'], { vocabularySize: 120 });
  const config = models.readModelConfig({
    ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 16, num_hidden_layers: 1 },
    ...{ num_attention_heads: 2, intermediate_size: 16, max_position_embeddings: 64, initializer_range: 0.3 },
  });
  const common = { maxLength: 32, stride: 8, tuning: {} };
  const tasks: exports.SavedTask[] = [
    { name: 'kinds', kind: 'classification', labels: ['a', 'b'], mainMetric: 'macroF1', ...common },
    { name: 'things', kind: 'token-classification', labels: ['thing'], mainMetric: 'entityF1', ...common },
    { name: 'pairs', kind: 'pair-classification', labels: ['yes', 'no'], mainMetric: 'macroF1', ...common },
    { name: 'roles', kind: 'sequential-classification', labels: ['x', 'y'], mainMetric: 'macroF1', ...common },
  ];
  exports.saveModelFolder(model, exports.createUntrainedModel({ config, tasks, tokenizer, seed: 1 }));
});

const request = (output: string, rest: Partial<BatchRequest> & Pick<BatchRequest, 'input'>): BatchRequest => ({
  ...{ model, output, whole: false, textColumn: 'text', given: {}, skipBad: false, engine: { threads: 1 } },
  ...rest,
});
const rowsOf = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('a folder of files, every row once a task, in order; bad rows are listed and fail the command', async () => {
  const input = join(folder, 'several');
  mkdirSync(join(input, 'below'), { recursive: true });
  writeFileSync(join(input, 'a.jsonl'), '{"text": "We may close."}\n\nno JSON\n{"txt": "x"}\n');
  writeFileSync(join(input, 'b.csv'), '\ufefftext,other\n"Goods, ""sold""\nnow",1\nGoods,1,2\n,3\n');
  writeFileSync(join(input, 'below', 'c.txt'), Buffer.from('first line\r\nsec\xffond\nlast', 'latin1'));
  writeFileSync(join(input, 'notes.md'), 'not read');
  const output = join(folder, 'several.jsonl');
  const args = ['predict', model, '--input', input, '--output', output, '--threads', '1'];
  const failed = await runHere([...args, '--task', 'kinds', '--task', 'things']);
  expect(failed).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('5 rows could not be predicted'),
  });
  expect(failed.stderr).toContain('b.csv:4: a record has not as many values');
  const rows = rowsOf(output);
  expect(rows.map(({ source, task }) => `${String(source)} ${String(task)}`)).toEqual(
    ['a.jsonl:1', 'b.csv:2', 'c.txt:1', 'c.txt:3'].flatMap((source) => [`${source} kinds`, `${source} things`]),
  );
  expect(rows[2]).toMatchObject({ text: 'Goods, "sold"\nnow', label: expect.stringMatching(/[ab]/) });
  const errors = rowsOf(`${output}.errors.jsonl`);
  expect(errors.map(({ source }) => source)).toEqual(['a.jsonl:3', 'a.jsonl:4', 'b.csv:4', 'b.csv:5', 'c.txt:2']);
  expect(await runHere([...args, '--task', 'kinds', '--skip-bad'])).toMatchObject({ status: 0 });
  expect(readdirSync(folder).filter((name) => name.startsWith('several'))).toEqual([
    ...['several', 'several.jsonl', 'several.jsonl.errors.jsonl'],
  ]);
});

test('as CSV, a prediction in a cell; what a task lacks is said of the row', async () => {
  const input = join(folder, 'pairs.csv');
  writeFileSync(input, 'clause,second\n"We may, close","the ""account"""\nGoods,\n');
  const output = join(folder, 'pairs-out.csv');
  const { screen, text: said } = memoryScreen();
  await predictBatch(
    { stderr: screen },
    request(output, { input, tasks: ['pairs'], textColumn: 'clause', skipBad: true }),
  );
  expect(said()).toContain('1 bad rows were left out');
  const [header, row, ...rest] = readFileSync(output, 'utf8').trimEnd().split('\n');
  expect(header).toBe('source,task,text,prediction,details');
  expect(row).toMatch(/^pairs\.csv:2,pairs,"We may, close",(yes|no),"\{""second"":""the \\""account/);
  expect(rest).toEqual([]);
  expect(rowsOf(`${output}.errors.jsonl`)).toEqual([
    { source: 'pairs.csv:3', task: 'pairs', error: expect.any(String) },
  ]);
});

test('sentences of a file are read with their neighbours, however far apart the chunks are', async () => {
  const input = join(folder, 'sentences.txt');
  const sentences = Array.from({ length: 30 }, (_, i) => `We sold ${i}.`);
  writeFileSync(input, sentences.join('\n'));
  const output = join(folder, 'sentences.jsonl');
  await predictBatch({ stderr: memoryScreen().screen }, request(output, { input, tasks: ['roles'] }));
  const rows = rowsOf(output);
  expect(rows.map(({ text }) => text)).toEqual(sentences);
  expect(rows[0]).toMatchObject({ before: [], after: sentences.slice(1, 9) });
  expect(rows[20]).toMatchObject({ before: sentences.slice(12, 20), after: sentences.slice(21, 29) });
});

test('what was stopped goes on to the same bytes, and not for another request', async () => {
  const input = join(folder, 'many.txt');
  writeFileSync(input, Array.from({ length: 600 }, (_, i) => `We may close account ${i}.`).join('\n'));
  const [whole, stopped] = ['whole.jsonl', 'stopped.jsonl'].map((name) => join(folder, name)) as [string, string];
  await predictBatch({ stderr: memoryScreen().screen }, request(whole, { input, tasks: ['kinds'] }));
  const stream = memoryStream();
  const breaking = createScreen(
    {
      write(line) {
        if (line.startsWith('predicting')) throw new Error('stopped');
        return stream.write(line);
      },
    },
    {},
  );
  const asked = request(stopped, { input, tasks: ['kinds'] });
  await expect(predictBatch({ stderr: breaking }, asked)).rejects.toThrow('stopped');
  expect(existsSync(stopped)).toBe(false);
  appendFileSync(`${stopped}.part`, '{"source": "many.txt:257", "te');
  await expect(predictBatch({ stderr: memoryScreen().screen }, { ...asked, tasks: ['things'] })).rejects.toMatchObject({
    code: 'FC_RUN_FOLDER',
  });
  const { screen, text: said } = memoryScreen();
  await predictBatch({ stderr: screen }, asked);
  expect(said()).toContain('Going on behind row 256.');
  expect(readFileSync(stopped)).toEqual(readFileSync(whole));
  expect(readdirSync(folder).filter((name) => name.startsWith('stopped'))).toEqual(['stopped.jsonl']);
});

test('a command line that makes no sense', async () => {
  const run = (...args: string[]) => runHere(['predict', model, ...args]);
  expect((await run('--input', 'x')).stderr).toContain('give both');
  expect((await run('--input', 'x', '--output', 'y.jsonl', 'text')).stderr).toContain('takes the place of texts');
  expect((await run('--input', folder, '--output', 'y.docx')).stderr).toContain('.jsonl or .csv');
  expect((await run('--input', join(folder, 'no'), '--output', 'y.csv')).stderr).toContain('no such file');
  expect((await run('--task', 'kinds', '--task', 'things', 'text')).stderr).toContain('several tasks');
});
