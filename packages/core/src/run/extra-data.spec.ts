/** Examples of one's own beside those of a task: they join what is learnt from, and never what is tested on. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadFiles, type AnyDataset } from '../data/index.js';
import { sha256 } from '../foundation/index.js';
import { addExtraData, extraFiles } from './extra-data.js';
import { asCsv, openWorkspace, refusal, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

const rows = sentences(420, 3);
const jsonl = (of: readonly object[]) => of.map((row) => `${JSON.stringify(row)}\n`).join('');

async function open(count: number): Promise<AnyDataset> {
  return loadFiles({ kind: 'classification', data: workspace.file('all.csv', asCsv(rows.slice(0, count))) });
}

test('new texts join, corrected ones take the place of what they correct, tested ones are left out', async () => {
  const dataset = await open(400);
  const { train, dev, test: tested } = dataset.splits;
  const known = train[0]!;
  const corrected = 'label' in known && known.label === 'yes' ? 'no' : 'yes';
  const said = jsonl([
    ...rows.slice(400, 410),
    { text: known.text, label: corrected },
    { text: dev[0]!.text, label: 'yes' },
    { text: `${tested[0]!.text.toUpperCase()} `, label: 'no' },
  ]);
  const { dataset: joined, extra } = await addExtraData(dataset, workspace.file('said.jsonl', said));
  expect(extra).toEqual({ file: 'said.jsonl', sha256: sha256(said), used: 11, dropped: 2 });
  expect(joined.splits.train).toHaveLength(train.length + 10);
  expect(joined.splits.train.filter(({ text }) => text === known.text)).toMatchObject([{ label: corrected }]);
  expect([joined.splits.dev, joined.splits.test]).toEqual([dev, tested]);
  expect(joined.notes.at(-1)).toMatch(
    /^11 examples of said\.jsonl .* in place of 1 that read the same; 2 were left out/,
  );
  const strange = workspace.file('strange.jsonl', jsonl([{ text: 'a text', label: 'perhaps' }]));
  expect((await refusal(addExtraData(dataset, strange))).code).toBe('FC_DATA');
});

test('over folds all of it is learnt from in every round, and nothing that any round tests', async () => {
  const dataset = await open(100);
  const said = workspace.file('said.jsonl', jsonl([...rows.slice(400, 405), rows[7]!]));
  const { dataset: joined, extra } = await addExtraData(dataset, said);
  expect(extra).toMatchObject({ used: 5, dropped: 1 });
  for (const [i, fold] of joined.folds!.entries()) {
    expect(fold.train.slice(-5)).toEqual([100, 101, 102, 103, 104]);
    expect([fold.dev, fold.test]).toEqual([dataset.folds![i]!.dev, dataset.folds![i]!.test]);
  }
});

test('files are named by their task', async () => {
  expect([...extraFiles(['a=x=y.jsonl', 'b=z'], ['a', 'b'])]).toEqual([
    ['a', 'x=y.jsonl'],
    ['b', 'z'],
  ]);
  for (const wrong of [['c=x'], ['a=x', 'a=y']]) expect(() => extraFiles(wrong, ['a', 'b'])).toThrow(/extra data/);
});

test('a run says what joined, and its data is another', async () => {
  const data = workspace.file('few.csv', asCsv(rows.slice(0, 330)));
  const said = workspace.file('said.jsonl', jsonl(rows.slice(400, 412)));
  const { report, folder } = await run({
    ...{ task: 'classification', data, base: workspace.base, maxLength: 24, epochs: 0.1, out: 'more' },
    extraData: [`classification=${said}`],
  });
  expect(report.tasks[0]?.data.extra).toMatchObject({ file: 'said.jsonl', used: 12, dropped: 0 });
  expect(report.tasks[0]?.data.notes.join()).toContain('12 examples of said.jsonl');
  expect(folder).toContain('more');
});
