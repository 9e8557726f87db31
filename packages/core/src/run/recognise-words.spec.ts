/** Models that learnt to recognise words answer disguised texts as they answer what was meant, by their encoder and by the words beside it. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPredictor, type BundlePredictor } from '../export/index.js';
import { asCsv, conll, openWorkspace, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

/** Two letters of long words change places, and short ones have letters of another script: as long as they were. */
const disguised = (text: string): string =>
  text.replace(/\p{L}{3,}/gu, (word) =>
    word.length < 5
      ? word.replaceAll('a', 'а').replaceAll('o', 'о').replaceAll('e', 'е')
      : `${word[0]}${word[2]}${word[1]}${word.slice(3)}`,
  );

const quick = { threads: 1, epochs: 0.3, patience: 0, lexical: true, recogniseWords: true };

async function answersOf(folder: string, task: string, texts: readonly string[]) {
  const predictor = await loadPredictor(join(folder, 'model'), { threads: 1 });
  const ask = (some: readonly string[]): ReturnType<BundlePredictor['predict']> => predictor.predict(task, some);
  const answers = { meant: await ask(texts), disguised: await ask(texts.map(disguised)) };
  await predictor.release();
  return answers;
}

test('of texts', async () => {
  const rows = sentences(300);
  const parts = { train: rows.slice(0, 160), dev: rows.slice(160, 220), test: rows.slice(220) };
  const files = Object.fromEntries(
    Object.entries(parts).map(([part, own]) => [part, workspace.file(`${part}.csv`, asCsv(own))]),
  );
  const { folder, report } = await run({
    ...{ ...quick, task: 'classification' as const, ...files, base: workspace.base, out: 'texts' },
  });
  const notes = report.tasks[0]!.data.notes.join('\n');
  expect(notes).toMatch(/words that are not known are read as .*: in 0 of 60 dev texts/);
  expect(notes).toMatch(/words count beside the encoder, with a share of [\d., ]*[1-9]/);
  const texts = parts.test.map(({ text }) => text);
  const answers = await answersOf(folder, 'classification', texts);
  expect(texts.map(disguised).filter((text, i) => text !== texts[i])).toHaveLength(texts.length);
  expect(answers.disguised).toEqual(answers.meant);
});

test('of entities, which stand where they are found', async () => {
  const [train, dev, tests] = [conll(160, 1), conll(30, 2), conll(40, 3)].map((text, i) =>
    workspace.file(`part${i}.conll`, text),
  );
  const { folder } = await run({
    ...{ ...quick, task: 'token-classification', base: workspace.base, out: 'entities' },
    ...{ train: train!, dev: dev!, test: tests! },
  });
  const texts = sentences(20, 4).map(({ text }, i) => `${text} for ${['Anna', 'Carla', 'David', 'Greta Hugo'][i % 4]}`);
  const answers = await answersOf(folder, 'token-classification', texts);
  const found = answers.meant.flatMap((answer) => ('entities' in answer ? answer.entities : []));
  expect(found.length).toBeGreaterThan(10);
  const places = (given: typeof answers.meant) =>
    given.map((answer) => ('entities' in answer ? answer.entities : []).map(({ text: _, ...entity }) => entity));
  expect(places(answers.disguised)).toEqual(places(answers.meant));
  expect(
    answers.disguised.flatMap((answer) => ('entities' in answer ? answer.entities : [])).map(({ text }) => text),
  ).toEqual(found.map(({ text }) => disguised(text)));

  // What a slip adds, first, last or in between, belongs to the entity.
  for (const name of ['Davidd', 'DDavid', 'Davvid', 'Dvaid']) {
    const text = `the old cat sees the dog for ${name}`;
    const [answer] = (await answersOf(folder, 'token-classification', [text])).meant;
    expect(answer && 'entities' in answer ? answer.entities.at(-1)?.text : undefined).toBe(name);
  }
});
