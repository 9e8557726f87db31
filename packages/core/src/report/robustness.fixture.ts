/** What attacks on the sample report's second task came to, as `fieldcraft attack` would write it. */
import type { RobustnessReport } from './robustness-schema.js';

const sets = [
  { set: 'loose', similarity: 0.8, wordsChanged: 0.3, shortest: 4, keepsEnd: false },
  { set: 'strict', similarity: 0.95, wordsChanged: 0.1, shortest: 6, keepsEnd: true },
];

const row = (recipe: string, set: string, flipped: number): RobustnessReport['rows'][number] => ({
  ...{ recipe, set, attacked: 160, flipped, successRate: flipped / 160, underAttack: (160 - flipped) / 200 },
  ...{ interval: [Math.max(0, flipped / 160 - 0.07), Math.min(1, flipped / 160 + 0.07)], queries: 41.6 },
  ...(flipped > 0 && { wordsChanged: 1.6, shareChanged: 0.08, similarity: 0.91 }),
});

export const robustness: RobustnessReport = {
  ...{
    texts: 200,
    skipped: 40,
    unit: 'text',
    clean: 0.8,
    judge: 'sentence-transformers/all-MiniLM-L6-v2',
    queries: 200,
  },
  seed: 1,
  constraints: sets,
  rows: [row('all', 'loose', 96), row('ocr', 'loose', 70), row('all', 'strict', 24), row('ocr', 'strict', 0)],
  examples: [
    {
      ...{ id: 'test.jsonl:7', recipe: 'ocr', set: 'loose', similarity: 0.91, gold: ['Governing_Law'], predicted: [] },
      text: 'This Agreement is govemed by <b>the</b> laws of Delaware.',
      changes: [{ start: 18, end: 25, was: 'governed' }],
    },
    ...Array.from({ length: 4 }, (_, i) => ({
      ...{
        id: `test.jsonl:${i + 20}`,
        recipe: 'synonyms',
        set: 'strict',
        gold: ['Parties'],
        predicted: ['License_Grant'],
      },
      text: 'The accord binds both sides.',
      changes: [
        { start: 4, end: 10, was: 'agreement' },
        { start: 22, end: 27, was: 'parties' },
      ],
    })),
  ],
};
