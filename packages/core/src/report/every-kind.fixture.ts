/** A report with a task of every kind, one of them of very many labels: what the page must be able to show. */
import type { TaskKind } from '../data/index.js';
import type { ErrorExample } from './error-schema.js';
import { sampleReport, taskOf } from './sample-report.fixture.js';
import type { RunReport } from './schema.js';

const spanOf = (text: string, words: string, label: string) => ({
  start: text.indexOf(words),
  end: text.indexOf(words) + words.length,
  label,
});

const lease =
  '… The tenant keeps the roof, the gutters and the outer walls in repair. The landlord insures the building against fire and storm, and tells the tenant of any change within thirty days. …';
const finding = 'Alloying the nickel with rhenium raised its creep strength at 1,100 K, while tungsten did not.';

/** A kind's error, several times over, so that lists are long enough to be searched. */
const errors: Partial<Record<TaskKind, ErrorExample>> = {
  'pair-classification': {
    text: lease,
    second: 'The landlord repairs the roof.',
    gold: ['contradiction'],
    predicted: ['entailment'],
    evidence: {
      of: 'text',
      ...spanOf(lease, 'The tenant keeps the roof, the gutters and the outer walls in repair.', ''),
    },
  },
  'sequential-classification': {
    text: 'We asked two hundred of them again a year later.',
    before: ['Few studies follow the users of such tools for long.'],
    after: ['Half had given up by then.', 'Cost was named most often.'],
    gold: ['method'],
    predicted: ['background'],
  },
  'multiple-choice': {
    text: 'What do roots take up beside water?',
    context: 'Roots hold a plant in the soil and take up water with the minerals that are dissolved in it.',
    choices: [
      { text: 'minerals', probability: 0.21 },
      { text: 'sunlight', probability: 0.64 },
      { text: 'sugar', probability: 0.11 },
      { text: 'sand', probability: 0.04 },
    ],
    gold: ['minerals'],
    predicted: ['sunlight'],
  },
  'span-selection': {
    text: lease,
    second: 'When does the landlord tell of a change?',
    gold: ['within thirty days'],
    predicted: ['against fire and storm'],
    goldEntities: [spanOf(lease, 'within thirty days', 'answer')],
    predictedEntities: [spanOf(lease, 'against fire and storm', 'answer')],
  },
  'relation-extraction': {
    text: finding,
    mentions: [spanOf(finding, 'rhenium', 'material'), spanOf(finding, 'creep strength', 'property')],
    gold: ['rhenium — raises → creep strength'],
    predicted: ['creep strength — part of → rhenium'],
    labels: ['raises', 'part of'],
  },
  'joint-extraction': {
    text: finding,
    gold: ['rhenium [material]', 'rhenium — raises → creep strength'],
    predicted: [],
    labels: ['raises'],
  },
  similarity: {
    text: finding,
    second: 'Rhenium makes nickel stronger.',
    gold: ['4.2'],
    predicted: ['2.1'],
    error: 2.1,
  },
  regression: { text: finding, second: 'Rhenium helps.', gold: ['3.8'], predicted: ['1.25'], error: 2.55 },
};

const labelsOf: Partial<Record<TaskKind, string[]>> = {
  'pair-classification': ['contradiction', 'entailment', 'not mentioned'],
  'sequential-classification': ['background', 'method', 'result'],
  'relation-extraction': ['part of', 'raises'],
  'joint-extraction': ['part of', 'raises'],
};

const manyLabels = (length: number) =>
  Array.from({ length }, (_, i) => `${['card', 'transfer', 'top_up', 'refund'][i % 4]}_${i}_not_working`);

/** `errors` of each task, and as many labels in the last. */
export function everyKindReport({
  errors: shown = 9,
  labels: many = 77,
}: { errors?: number; labels?: number } = {}): RunReport {
  const report = sampleReport({ seeds: 1 });
  const small = Object.entries(errors).map(([kind, error]) => {
    const labels = labelsOf[kind as TaskKind] ?? [];
    const mainMetric =
      { regression: 'pearson', similarity: 'pearson', 'multiple-choice': 'accuracy', 'span-selection': 'f1' }[kind] ??
      'macroF1';
    const task = taskOf(
      {
        name: kind,
        kind: kind as TaskKind,
        dataset: `some-${kind}`,
        licence: 'CC BY 4.0',
        labels,
        support: labels.map((_, i) => 40 + i),
        mainMetric,
        level: 0.7,
        baselines: { majority: 0.31, tfidf: 0.52 },
        sizes: [900, 200, 200],
      },
      1,
    );
    const repeated = Array.from({ length: shown }, (_, i) => ({
      id: `test.jsonl:${i + 1}`,
      ...error,
      confidence: 0.9 - i / 20,
    }));
    return { ...task, errors: repeated, errorCount: 61 };
  });
  const labels = manyLabels(many);
  const routing = taskOf(
    {
      name: 'ticket-routing',
      kind: 'classification',
      dataset: 'many-tickets',
      licence: 'CC BY 4.0',
      labels,
      support: labels.map((_, i) => 20 + (i % 7)),
      mainMetric: 'macroF1',
      level: 0.81,
      baselines: { majority: 0.01, tfidf: 0.74 },
      sizes: [9000, 1000, 1771],
    },
    1,
  );
  return {
    ...report,
    tasks: [...report.tasks, ...small, routing].map((task) => ({
      ...task,
      errors: (task.errors ?? []).slice(0, shown),
    })),
  };
}
