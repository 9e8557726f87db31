/** Advice on one's own files in a workspace of its own: measured, reasoned, and with a command that a training takes. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { advise, flagsOf } from './advise.js';
import type { RunEvent } from './events.js';
import { asCsv, openWorkspace, refusal, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

const silent = () => undefined;

describe('advice on one’s own files', () => {
  test('measures the training part, and prints a command with what was asked for', async () => {
    const data = workspace.file("it's all texts.csv", asCsv(sentences(400)));
    const general = workspace.file('general.txt', Array.from({ length: 300 }, (_, i) => letter(i)).join('\n\n'));
    const events: RunEvent[] = [];
    const options = { task: 'classification' as const, data, base: workspace.base, general };
    const advice = await advise({ options }, (event) => events.push(event));
    expect(advice).toMatchObject({ base: workspace.base, general: 'general.txt', tasks: [{ regime: 'low' }] });
    expect(advice.together).toBeUndefined();
    const [task] = advice.tasks;
    if (task === undefined) throw new Error('no task');
    const { measures } = task;
    expect(measures.examples).toEqual({ train: 320, dev: 40, test: 40 });
    expect(measures.sampled).toBe(320);
    expect(measures.balance).toMatchObject({ classes: 2 });
    expect(measures.lengths).toMatchObject({ window: 64, longer: 0 });
    expect(measures.vocabulary).toMatchObject({ unknown: 0 });
    // The base’s vocabulary was made from these words, and the letters have none of them but "the".
    expect(measures.vocabulary?.whole).toBeGreaterThan(0.9);
    expect(measures.language).toMatchObject({ general: 'general.txt', overlap: 0, domain: { distance: 2 } });
    expect(measures.noise).toMatchObject({ examples: 320 });
    expect(task.command).toBe(
      `npx --no-install fieldcraft train --profile standard --seeds 3 --task classification --data '${data.replace("'", `'\\''`)}' --base ${workspace.base}`,
    );
    expect(events.map((event) => event.kind)).toContain('phase');
    expect(JSON.parse(JSON.stringify(advice))).toEqual(advice);
  });

  test('where no base can be reached it looks at the starter, and says what it did not measure without general text', async () => {
    const data = workspace.file('few.csv', asCsv(sentences(60)));
    const { base, general, tasks } = await advise({ options: { task: 'classification', data } }, silent);
    expect({ base, general }).toEqual({ base: 'fieldcraft/starter', general: null });
    expect(tasks[0]).toMatchObject({
      regime: 'few-shot',
      measures: {
        examples: { train: 60, folds: 5 },
        language: { why: 'no general text to compare with is on this machine' },
        noise: { why: 'not estimated: too few examples, or too few of each class' },
      },
    });
    expect(tasks[0]?.measures).toHaveProperty('vocabulary');
    expect(tasks[0]?.recipe.map(({ about }) => about)).toEqual([
      'depth',
      'averaging',
      'other forms',
      'mixed texts',
      'passes',
      'rounds',
    ]);
  });

  test('a general text that is not there', async () => {
    const data = workspace.file('again.csv', asCsv(sentences(60)));
    const options = { task: 'classification' as const, data, base: workspace.base, general: 'mask' };
    const { code, message } = await refusal(advise({ options }, silent));
    expect(code).toBe('FC_NOT_FOUND');
    expect(message).toContain('masc');
  });
});

test('options as arguments', () => {
  const options = { adversarial: 'freelb', recogniseWords: true, lexical: false, augment: ['swaps', 'synonyms'] };
  expect(flagsOf({ ...options, augmentRate: 0.3, tasks: undefined, data: "it's.csv" }).join(' ')).toBe(
    "--adversarial freelb --recognise-words --no-lexical --augment swaps,synonyms --augment-rate 0.3 --data it's.csv",
  );
});

/** A page of words that no sentence of the specs has. */
function letter(number: number): string {
  const words =
    'dear yesterday our train was late again so that nobody met anyone before dinner please write soon love'.split(' ');
  return Array.from({ length: 40 }, (_, i) => words[(number * 7 + i * (1 + (number % 3))) % words.length]).join(' ');
}
