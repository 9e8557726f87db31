/** What is told of the starter: facts as a file for programs, and the same as a card for people. */
import { metricName } from '@fieldcraft/core';
import { z } from 'zod';

const fallen = z.strictObject({ before: z.number(), after: z.number(), updates: z.int(), tokens: z.int() });

export const starterFactsSchema = z.strictObject({
  /** The recipe as it was followed. */
  recipe: z.looseObject({ teacher: z.string(), licence: z.string(), layers: z.int(), seed: z.int() }),
  corpora: z.array(
    z.strictObject({ name: z.string(), licence: z.string(), tokens: z.int(), removedParagraphs: z.int() }),
  ),
  /** Texts of the evaluation data on the machine that made it. */
  evaluationTexts: z.int(),
  vocabulary: z.strictObject({
    pieces: z.int(),
    /** Tokens a word. */
    fertility: z.strictObject({ before: z.number(), after: z.number() }),
  }),
  /** Mean losses of held-out text. */
  distillation: fallen,
  maskedWords: fallen,
  parameters: z.int(),
  bytes: z.int(),
  sha256: z.string(),
  /** Beside its teacher and random weights, each having learnt a task alone: put here by `npm run starter -- scores`. */
  scores: z
    .array(
      z.strictObject({
        task: z.string(),
        metric: z.string(),
        teacher: z.number(),
        starter: z.number(),
        scratch: z.number(),
      }),
    )
    .min(1)
    .optional(),
});

export type StarterFacts = z.output<typeof starterFactsSchema>;

const count = (value: number): string => value.toLocaleString('en');

/** What it reaches beside its teacher and random weights. */
function worth(teacher: string, scores: NonNullable<StarterFacts['scores']>): string {
  const mean = (of: 'teacher' | 'starter' | 'scratch') =>
    scores.reduce((sum, score) => sum + score[of], 0) / scores.length;
  const row = (title: string, metric: string, of: readonly number[]) =>
    `| ${title} | ${metric} | ${of.map((score) => score.toFixed(3)).join(' | ')} |`;
  return `## What it is worth

Tasks learnt alone from it, from \`${teacher}\` and from random weights: the same examples and updates, the profile \`quick\` without words beside the encoder, one seed,
test parts of at most 600 windows (\`npm run bench -- series starter\`). In the mean it keeps ${((100 * mean('starter')) / mean('teacher')).toFixed(1)} % of its teacher's score.

| task | score | starter | teacher | random weights |
| --- | --- | ---: | ---: | ---: |
${scores.map(({ task, metric, teacher: theirs, starter, scratch }) => row(task, metricName(metric), [starter, theirs, scratch])).join('\n')}
${row('mean', '', [mean('starter'), mean('teacher'), mean('scratch')])}
`;
}

/** Markdown. */
export function renderCard(facts: StarterFacts): string {
  const { recipe, corpora, vocabulary, distillation, maskedWords } = facts;
  const rows = corpora.map(
    ({ name, licence, tokens, removedParagraphs }) =>
      `| ${name} | ${licence} | ${count(tokens)} | ${count(removedParagraphs)} |`,
  );
  const teacher = `\`${recipe.teacher}\` (${recipe.licence})`;
  return `---
license: ${recipe.licence.toLowerCase()}
base_model: ${recipe.teacher}
pipeline_tag: fill-mask
---

# fieldcraft/starter

A small encoder for English text, which comes with Fieldcraft: a run starts from it where no base is named and none can be reached, and wherever
\`--base fieldcraft/starter\` asks for it. It is a student of ${teacher}: ${recipe.layers} of its layers and the
${count(vocabulary.pieces)} pieces of its vocabulary that cover the texts below best, ${count(facts.parameters)} parameters in all.

## How it was made

By \`npm run starter\`, which follows \`tools/starter/recipe.json\` (seed ${recipe.seed}) and resumes where it was stopped:

1. The vocabulary was pruned: ${vocabulary.fertility.before.toFixed(3)} tokens a word became ${vocabulary.fertility.after.toFixed(3)}.
2. It learnt to say what the teacher's layers say, and how tokens relate in the teacher's last self-attention, on ${count(distillation.tokens)} tokens:
   the loss of held-out text fell from ${distillation.before.toFixed(4)} to ${distillation.after.toFixed(4)}.
3. It got a head for masked words, and both learnt from ${count(maskedWords.tokens)} tokens: perplexity of held-out text
   ${Math.exp(maskedWords.before).toFixed(2)} with the head alone, ${Math.exp(maskedWords.after).toFixed(2)} at the end.
4. Matrices became bytes with one scale a row.

| corpus | licence | tokens | paragraphs left out |
| --- | --- | --- | --- |
${rows.join('\n')}

Paragraphs that overlap one of ${count(facts.evaluationTexts)} texts of evaluation data were left out first.
${facts.scores ? `\n${worth(recipe.teacher, facts.scores)}` : ''}
## The file

\`model.safetensors\`: ${count(facts.bytes)} bytes, SHA-256 \`${facts.sha256}\`. A matrix \`w\` is I8, and \`w.scale\`, F32, has a number for each of its
rows: multiply them.
`;
}
