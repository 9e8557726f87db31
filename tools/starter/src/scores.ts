/** `npm run starter -- scores`: what the series `starter` of `npm run bench` measured, put into the facts and the card of the starter. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foundation } from '@fieldcraft/core/internals';
import { z } from 'zod';
import { renderCard, starterFactsSchema, type StarterFacts } from './card.js';

const { FieldcraftError, writeFileAtomic } = foundation;

/** Of a line of docs/results/starter.jsonl what is read. */
const resultSchema = z.looseObject({
  /** `<vertical>/<task>/<variant>/seed-<n>` */
  key: z.string(),
  tasks: z.tuple([z.looseObject({ mainMetric: z.string(), metrics: z.record(z.string(), z.number()) })]),
});

/** What the series calls the three. */
const variants = { teacher: 'minilm', starter: 'starter', scratch: 'scratch' } as const;

type Scores = NonNullable<StarterFacts['scores']>;

/** The scores of the tasks that all three have a result of; the last line of a cell counts. @throws FieldcraftError FC_NOT_FOUND where there are none */
export function scoresOf(lines: string, where: string): Scores {
  const results = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => resultSchema.parse(JSON.parse(line)));
  const tasks = [...new Set(results.map(({ key }) => key.split('/').slice(0, 2).join('/')))];
  const scores = tasks.flatMap((task) => {
    const of = (variant: string) => results.findLast(({ key }) => key.startsWith(`${task}/${variant}/`))?.tasks[0];
    const [teacher, starter, scratch] = [of(variants.teacher), of(variants.starter), of(variants.scratch)];
    if (!teacher || !starter || !scratch) return [];
    const metric = teacher.mainMetric;
    const score = ({ metrics }: typeof teacher) => metrics[metric] ?? NaN;
    return [{ task, metric, teacher: score(teacher), starter: score(starter), scratch: score(scratch) }];
  });
  if (scores.length > 0) return scores;
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: 'there is no task that the starter, its teacher and random weights have all learnt',
    where,
    fix: 'npm run bench -- series starter',
  });
}

/** Writes them into starter.json and README.md of `folder`. */
export function writeScores(folder: string, results: string): Scores {
  const path = join(folder, 'starter.json');
  const scores = scoresOf(existsSync(results) ? readFileSync(results, 'utf8') : '', results);
  const facts = { ...starterFactsSchema.parse(JSON.parse(readFileSync(path, 'utf8'))), scores };
  writeFileAtomic(path, `${JSON.stringify(facts, null, 2)}\n`);
  writeFileAtomic(join(folder, 'README.md'), renderCard(facts));
  return scores;
}
