/** A report as a real run would write it, for the specs of this room: seeded figures, four tasks, three seeds. */
import { random } from '../foundation/index.js';
import { robustness } from './robustness.fixture.js';
import type { RunReport } from './schema.js';
import type { ErrorExample } from './error-schema.js';
import type { CurvePoint, SeedReport, TaskReport } from './task-schema.js';

export interface Sketch {
  name: string;
  kind: TaskReport['kind'];
  dataset: string;
  licence: string;
  labels: string[];
  /** True members of each label in the test part. */
  support: number[];
  mainMetric: string;
  /** Main score, and those of the baselines. */
  level: number;
  baselines: Record<string, number>;
  sizes: [train: number, dev: number, test: number];
  used?: number;
}

const unfair: Sketch = {
  name: 'unfair-terms',
  kind: 'multi-label',
  dataset: 'unfair-tos',
  licence: 'CC BY 4.0',
  labels: [
    'limitation of liability',
    'unilateral termination',
    'unilateral change',
    'content removal',
    'contract by using',
    'choice of law',
    'jurisdiction',
    'arbitration',
  ],
  support: [79, 58, 42, 31, 24, 18, 15, 9],
  mainMetric: 'macroF1',
  level: 0.781,
  baselines: { majority: 0.0, tfidf: 0.694 },
  sizes: [5532, 2275, 1607],
  used: 4000,
};

const clauses: Sketch = {
  name: 'clause-kinds',
  kind: 'multi-label',
  dataset: 'cuad-clauses',
  licence: 'CC BY 4.0',
  labels: [
    ...[
      'Affiliate_License-Licensee',
      'Affiliate_License-Licensor',
      'Agreement_Date',
      'Anti-Assignment',
      'Audit_Rights',
    ],
    ...['Cap_On_Liability', 'Change_Of_Control', 'Competitive_Restriction_Exception', 'Covenant_Not_To_Sue'],
    ...['Effective_Date', 'Exclusivity', 'Expiration_Date', 'Governing_Law', 'Insurance', 'Ip_Ownership_Assignment'],
    ...['Irrevocable_Or_Perpetual_License', 'Joint_Ip_Ownership', 'License_Grant', 'Liquidated_Damages'],
    ...[
      'Minimum_Commitment',
      'Most_Favored_Nation',
      'No-Solicit_Of_Customers',
      'No-Solicit_Of_Employees',
      'Non-Compete',
    ],
    ...['Non-Disparagement', 'Non-Transferable_License', 'Notice_Period_To_Terminate_Renewal', 'Parties'],
    ...['Post-Termination_Services', 'Price_Restrictions', 'Renewal_Term', 'Revenue-Profit_Sharing', 'Rofr-Rofo-Rofn'],
    ...[
      'Source_Code_Escrow',
      'Termination_For_Convenience',
      'Uncapped_Liability',
      'Volume_Restriction',
      'Warranty_Duration',
    ],
  ],
  support: Array.from({ length: 38 }, (_, i) => 8 + ((i * 37) % 91)),
  mainMetric: 'macroF1',
  level: 0.742,
  baselines: { majority: 0.412, tfidf: 0.735 },
  sizes: [6210, 1044, 1038],
  used: 4000,
};

const entities: Sketch = {
  name: 'filing-entities',
  kind: 'token-classification',
  dataset: 'e-ner',
  licence: 'CC BY-NC-SA 4.0',
  labels: ['BUSINESS', 'COURT', 'GOVERNMENT', 'LEGISLATION/ACT', 'LOCATION', 'MISCELLANEOUS', 'PERSON'],
  support: [611, 38, 120, 97, 243, 288, 402],
  mainMetric: 'entityF1',
  level: 0.853,
  baselines: { majority: 0, dictionary: 0.447 },
  sizes: [7321, 1046, 2091],
  used: 4000,
};

const topics: Sketch = {
  name: 'filing-topics',
  kind: 'classification',
  dataset: 'own-filings',
  licence: 'the licence of your files',
  labels: ['employment', 'lease', 'licence', 'loan', 'merger', 'services'],
  support: [62, 41, 55, 38, 17, 87],
  mainMetric: 'macroF1',
  level: 0.688,
  baselines: { majority: 0.075, tfidf: 0.701 },
  sizes: [1200, 300, 300],
};

/** `seeds` of 1 leaves out spreads; `finished: false` is a run that was stopped in its second task. */
export function sampleReport({ seeds = 3, finished = true }: { seeds?: number; finished?: boolean } = {}): RunReport {
  const tasks = [unfair, clauses, entities, topics].map((sketch, i) => taskOf(sketch, finished || i === 0 ? seeds : 0));
  return {
    schemaVersion: 1,
    run: {
      name: '2026-03-02T09-14-unfair-terms-clause-kinds',
      vertical: 'legal',
      status: finished ? 'complete' : 'partial',
      started: '2026-03-02T09:14:07.000Z',
      finished: '2026-03-02T10:02:51.000Z',
      seconds: 2924.4,
      profile: 'standard',
      command: `npx nx train legal --profile standard --seeds ${seeds}`,
      options: {
        base: 'sentence-transformers/all-MiniLM-L6-v2',
        profile: 'standard',
        seeds,
        seed: 1,
        batchSize: 16,
        learningRate: 1e-4,
        schedule: 'linear',
        warmup: 0.1,
        weightDecay: 0.01,
        dropout: undefined,
        device: 'cpu',
        allow: ['leakage'],
        resume: false,
      },
    },
    environment: {
      node: '20.19.4',
      platform: 'linux x64',
      cpu: 'AMD EPYC 9R14',
      cores: 2,
      memoryBytes: 8_200_000_000,
      engine: { name: 'onnxruntime', version: '1.30.0' },
      device: 'cpu',
      threads: 2,
      packages: { '@fieldcraft/core': '0.1.0', 'onnxruntime-node': '1.30.0', tokenizers: '0.23.1', zod: '4.6.7' },
      commit: '464b907d2f5c1a7be0c3f3d7a1b2c3d4e5f60718+',
    },
    base: {
      id: 'sentence-transformers/all-MiniLM-L6-v2',
      source: 'mirror',
      revision: 'c9745ed1d9f207416be6d2e6f8de32d1f16199bf',
      architecture: 'bert',
      parameters: 22_713_216,
      tokenizerHash: 'a3c1f0d2b4e596877869504132231405f6e7d8c9bacbdcedfe0f102132435465',
      licence: 'Apache-2.0',
    },
    curriculum: [
      {
        ...{ name: 'domain', kind: 'domain', key: '0123456789abcdef', cached: true, seconds: 431 },
        pretraining: {
          corpora: [
            {
              ...{ name: 'contracts-unlabelled', documents: 151, removedDocuments: 9, removedParagraphs: 412 },
              licence: { name: 'CC-BY-SA-4.0', commercial: true },
            },
          ],
          ...{ evaluationTexts: 12_345, tokens: 1_000_000, heldOutTokens: 39_871 },
          head: {
            updates: 400,
            curve: [
              { step: 200, loss: 5.1 },
              { step: 400, loss: 4.9 },
            ],
          },
          encoder: {
            ...{ updates: 490, trainedTokens: 1_003_000, best: 490 },
            curve: [
              { step: 245, loss: 3.1 },
              { step: 490, loss: 2.8 },
            ],
          },
          before: { heldOut: 4.9, others: { general: 5.2 } },
          after: { heldOut: 2.8, others: { general: 4.1 } },
        },
        general: [{ task: 'trec-qc', metric: 'macroF1', before: 0.801, after: 0.774 }],
      },
      {
        ...{ name: 'intermediate', kind: 'intermediate', key: 'fedcba9876543210', cached: false, seconds: 64 },
        finetuning: {
          ...{ task: 'contract-nli', kind: 'pair-classification', origin: 'mirror' },
          licence: { name: 'CC BY 4.0', commercial: true },
          ...{
            examples: 7_000,
            removed: 12,
            evaluationTexts: 12_345,
            updates: 876,
            trainedTokens: 1_400_000,
            best: 438,
          },
          metric: 'macroF1',
          curve: [
            { step: 438, score: 0.71 },
            { step: 876, score: 0.7 },
          ],
          test: 0.694,
        },
      },
    ],
    profileNotes: ['At most 1 M training tokens a task and epoch: all tasks fit.', 'Evaluated every 100 updates.'],
    tasks,
    licences: [
      { name: 'Apache-2.0', of: 'sentence-transformers/all-MiniLM-L6-v2', commercial: true },
      { name: 'CC BY 4.0', of: 'unfair-tos', commercial: true },
      { name: 'CC BY 4.0', of: 'cuad-clauses', commercial: true },
      { name: 'CC BY-NC-SA 4.0', of: 'e-ner', commercial: false },
      { name: 'the licence of your files', of: 'own-filings', commercial: 'unknown' },
    ],
    peakMemoryBytes: 1_243_000_000,
    warnings: ['`filing-topics` is below TF-IDF: use it only after a look at its errors.'],
    nextSteps: [
      'Try it: `npx fieldcraft predict runs/legal/latest --task unfair-terms "We may terminate your account at any time."`',
      'Look at the model: `npx fieldcraft inspect runs/legal/latest`',
    ],
  };
}

export function taskOf(sketch: Sketch, seedCount: number): TaskReport {
  const { name, kind, labels, mainMetric, level, sizes, baselines, dataset, licence, support } = sketch;
  const seeds = Array.from({ length: seedCount }, (_, i) => seedOf(sketch, i + 1));
  const names = Object.keys(seeds[0]?.test?.metrics ?? {});
  const summary = names.map((metric) => {
    const values = seeds.map((seed) => seed.test?.metrics[metric] ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1));
    const interval: [number, number] = [mean - 0.021, Math.min(1, mean + 0.019)];
    return [metric, { mean, n: values.length, interval, ...(values.length > 1 ? { std } : {}) }] as const;
  });
  const measured = Object.entries(seedCount === 0 ? {} : baselines);
  const parts = ['train', 'dev', 'test'] as const;
  return {
    name,
    kind,
    labels,
    mainMetric,
    data: {
      dataset,
      language: 'en',
      origin: dataset === 'own-filings' ? 'files' : 'mirror',
      source: 'https://example.org/datasets?name=legal&version=1',
      licence,
      splitRule: 'as published; dev was cut from train, 10 % of the documents (seed 0)',
      parts: parts.map((part, i) => ({
        part,
        available: sizes[i] ?? 0,
        used: part === 'train' ? (sketch.used ?? sizes[0]) : (sizes[i] ?? 0),
        ...(kind === 'token-classification' ? { groups: [42, 5, 10][i] ?? 0 } : {}),
      })),
      labelCounts: labels.map((label, i) => ({
        label,
        train: 7 * (support[i] ?? 0),
        dev: 2 * (support[i] ?? 0),
        test: support[i] ?? 0,
      })),
      notes: [
        '12 texts that stood twice in `train` were dropped',
        '3 texts with damaged quotation marks were repaired',
      ],
      findings:
        name === 'filing-topics'
          ? []
          : [
              {
                code: 'near-duplicates-across',
                severity: 'stop',
                what: '173 (10.8 %) of the held-out texts have a near duplicate in a part that is learnt from',
                count: 173,
                examples: ['test.jsonl:17', 'test.jsonl:93', 'test.jsonl:412', 'test.jsonl:500'],
                allow: 'leakage',
              },
              {
                code: 'rare-label',
                severity: 'warning',
                what: `labels with fewer than 10 training examples: ${labels.at(-1)}`,
                count: 1,
                examples: [labels.at(-1) ?? ''],
              },
              {
                code: 'duplicates-within',
                severity: 'info',
                what: '31 (0.8 %) of the train texts repeat an earlier one',
                count: 31,
                examples: ['train.jsonl:5'],
              },
            ],
    },
    seeds,
    summary: Object.fromEntries(summary),
    intervalRule:
      'percentile bootstrap over the test part, 1,000 resamples of documents, each seed’s predictions pooled',
    baselines: measured.map(([baseline, value]) => ({
      name: baseline,
      metrics: {
        [mainMetric]: value,
        ...(kind === 'classification' ? { accuracy: value + 0.04 } : { microF1: value * 1.02 }),
      },
      ...(value > 0 ? { interval: [value - 0.024, value + 0.023] } : {}),
      seconds: 4.1,
    })),
    beats: Object.fromEntries(measured.map(([baseline, value]) => [baseline, level > value])),
    ...(name === 'filing-topics' && seedCount > 0
      ? { notBeaten: 'With 1,200 training texts and marked keywords, counting words is hard to beat.' }
      : {}),
    ...(seedCount > 1 ? { alone: aloneOf(sketch, seedCount) } : {}),
    ...(seedCount > 1 && name !== 'filing-topics' ? { ensemble: ensembleOf(sketch, seedCount) } : {}),
    ...(name === 'clause-kinds'
      ? {
          robustness,
          falseAlarms: {
            source: 'contracts-unlabelled, labelled by hand',
            paragraphs: 100,
            flagged: 7,
            rate: 0.07,
            interval: [0.034, 0.137],
            perLabel: [
              { label: 'License_Grant', flagged: 4, rate: 0.04 },
              { label: 'Parties', flagged: 3, rate: 0.03 },
            ],
          },
        }
      : {}),
    ...(seedCount === 0 ? {} : { errors: errorsOf(sketch) }),
    ...(name === 'filing-entities'
      ? {
          published: [
            { metric: 'entityF1', value: 0.961, model: 'BERT-base', source: 'a paper', read: 'its Table 3' },
            { metric: 'accuracy', value: 0.9, model: 'a CRF', source: 'a page', read: 'the page' },
          ].map((figure, i) => (i === 0 ? { ...figure, notComparable: 'another division of the data' } : figure)),
        }
      : {}),
    ...(name === 'unfair-terms' && seedCount > 0 ? { splits: splitsOf(sketch) } : {}),
    ...(name === 'unfair-terms' && seedCount > 0 ? { learningCurve: curveOf(sketch, seeds) } : {}),
    ...(name === 'filing-topics' && seedCount > 0
      ? {
          crossValidation: {
            note: '3 folds, stratified by label, duplicates kept together',
            folds: [0.671, 0.702, 0.69].map((value, fold) => ({
              fold: fold + 1,
              train: 1200,
              test: 600,
              metrics: { macroF1: value },
            })),
          },
        }
      : {}),
  };
}

/** Sharing helps the first task, hurts the second, and nothing is shown of the others. */
function aloneOf({ name, level }: Sketch, n: number): NonNullable<TaskReport['alone']> {
  const measured: Record<string, readonly [difference: number, p: number]> = {
    'unfair-terms': [0.031, 0.002],
    'clause-kinds': [-0.012, 0.004],
  };
  const [difference, p] = measured[name] ?? [0.003, 0.41];
  return {
    ...{ mean: level - difference, std: 0.006, n, steps: 1500, difference, p, pAdjusted: Math.min(1, 2 * p) },
    interval: [difference - 0.009, difference + 0.01],
    better: p > 0.05 ? 'neither' : difference > 0 ? 'shared' : 'alone',
  };
}

function seedOf(sketch: Sketch, seed: number): SeedReport {
  const rng = random(seed, sketch.name);
  const { labels, support, level, mainMetric, kind } = sketch;
  const steps = 1500;
  const near = (value: number, spread: number) => Math.min(1, Math.max(0, value + spread * rng.normal()));
  const score = near(level, 0.006);
  const perLabel = labels.map((label, i) => {
    const f1 = near(score + 0.1 * Math.log10((support[i] ?? 1) / 40), 0.06);
    return { label, precision: near(f1 + 0.01, 0.02), recall: near(f1 - 0.01, 0.02), f1, support: support[i] ?? 0 };
  });
  const evaluations = Array.from({ length: 15 }, (_, i) => ({
    step: 100 * (i + 1),
    value: near((level + 0.02) * (1 - Math.exp(-(i + 1) / 3)), 0.006),
  }));
  const best = evaluations.reduce((a, b) => (b.value > a.value ? b : a));
  const confusion = labels.map((_, gold) => {
    const total = support[gold] ?? 0;
    const right = Math.round(total * (perLabel[gold]?.recall ?? 0));
    const row = labels.map((_, predicted) => (predicted === gold ? right : 0));
    for (let left = total - right; left > 0; left--) {
      const other = (gold + 1 + Math.floor((labels.length - 1) * rng.uniform() ** 2)) % labels.length;
      row[other] = (row[other] ?? 0) + 1;
    }
    return row;
  });
  const reliability = Array.from({ length: 15 }, (_, k) => ({
    confidence: (k + 0.5) / 15,
    accuracy: near((k + 0.2) / 15.2, 0.04),
    count: k < 2 ? 0 : Math.round(8 + 0.3 * k ** 2.6),
  }));
  const withProbabilities = kind !== 'token-classification';
  return {
    seed,
    steps,
    epochs: 6,
    seconds: 301.2 + seed,
    trainingTokens: 1_430_000,
    tokensPerSecond: 2380 + 10 * seed,
    curve: Array.from({ length: 150 }, (_, i) => ({
      step: 10 * (i + 1),
      loss: 0.08 + 1.4 * Math.exp(-i / 25) + 0.03 * Math.abs(rng.normal()),
    })),
    evaluations,
    bestStep: best.step,
    tuning:
      kind === 'multi-label'
        ? { thresholds: labels.map(() => near(0.4, 0.1)), temperature: 1.12 }
        : { temperature: 1.3 },
    test: {
      metrics: {
        [mainMetric]: score,
        ...(kind === 'classification'
          ? { accuracy: near(score + 0.05, 0.004), mcc: near(score - 0.03, 0.004) }
          : { microF1: near(score + 0.02, 0.004) }),
        ...(kind === 'token-classification' ? { lenientF1: near(score + 0.05, 0.003) } : {}),
        ...(withProbabilities ? { ece: near(0.041, 0.004), brier: near(0.31, 0.01) } : {}),
      },
      perLabel,
      ...(kind === 'classification' ? { confusion } : {}),
      ...(withProbabilities ? { reliability } : {}),
    },
  };
}

function splitsOf({ level, sizes, baselines }: Sketch): NonNullable<TaskReport['splits']> {
  const rowOf = (trainedOn: 'cleaned' | 'published', leak: number) => ({
    ...{ trainedOn, train: sizes[0] + (leak > 0 ? 311 : 0), n: 3 },
    ...{ test: { mean: level + leak, std: 0.006 }, unseen: { mean: level - 0.01, std: 0.008 } },
    baselines: Object.entries(baselines).map(([name, value]) => ({
      ...{ name, test: { mean: value + leak, std: 0 }, unseen: { mean: value } },
    })),
  });
  return { seen: 277, test: sizes[2], rows: [rowOf('cleaned', 0), rowOf('published', 0.07)] };
}

function ensembleOf({ level, mainMetric }: Sketch, members: number): NonNullable<TaskReport['ensemble']> {
  const value = level + 0.012;
  return { members, metrics: { [mainMetric]: value }, interval: [value - 0.02, value + 0.018] };
}

function curveOf({ level, mainMetric, baselines, sizes }: Sketch, seeds: readonly SeedReport[]): CurvePoint[] {
  return [50, 200, 1000, sizes[0]].map((train, i, all) => {
    const last = i === all.length - 1;
    const values = seeds.map(({ seed, test }) =>
      last ? (test?.metrics[mainMetric] ?? 0) : level * (0.4 + 0.16 * i) + 0.02 * (seed - 2),
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = values.length > 1 ? { std: 0.02 - 0.004 * i } : {};
    return {
      ...{ train, dev: Math.min(train, sizes[1]), values, mean, ...spread },
      baselines: Object.entries(baselines).map(([name, value]) => ({
        ...{ name, mean: value * (0.5 + 0.16 * i), ...spread },
      })),
    };
  });
}

function errorsOf({ kind, labels }: Sketch): ErrorExample[] {
  if (kind === 'token-classification') {
    const text =
      'On March 4, the Delaware Court of Chancery declined to enjoin Halvorsen Marine Holdings from closing its purchase of Port Ellery Shipyards.';
    const at = (words: string, label: string) => ({
      start: text.indexOf(words),
      end: text.indexOf(words) + words.length,
      label,
    });
    return Array.from({ length: 6 }, (_, i) => ({
      id: `test.conll:${211 + 90 * i}`,
      text,
      gold: [],
      predicted: [],
      goldEntities: [
        at('Delaware Court of Chancery', 'COURT'),
        at('Halvorsen Marine Holdings', 'BUSINESS'),
        at('Port Ellery Shipyards', 'BUSINESS'),
      ],
      predictedEntities: [
        at('Delaware', 'LOCATION'),
        at('Halvorsen Marine Holdings', 'BUSINESS'),
        at('Port Ellery', 'LOCATION'),
      ],
      confidence: 0.94 - 0.03 * i,
    }));
  }
  const texts = [
    'We reserve the right to take down any review that, in our sole judgement, does not fit the spirit of the service, and we owe you no explanation when we do.',
    'The supplier keeps its books for six years after the last delivery and lets the buyer’s accountant see them on request.',
    'If we change the fees, you will find the new ones on this page; by logging in again you accept them.',
  ];
  return Array.from({ length: 9 }, (_, i) => ({
    id: `test.jsonl:${40 + 17 * i}`,
    text: texts[i % texts.length] ?? '',
    gold: kind === 'multi-label' && i % 3 === 1 ? [] : [labels[i % labels.length] ?? ''],
    predicted: kind === 'multi-label' && i % 3 === 2 ? [] : [labels[(i + 2) % labels.length] ?? ''],
    confidence: 0.97 - 0.02 * i,
  }));
}
