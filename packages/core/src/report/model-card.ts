/** The README.md of a model: Hugging Face front matter for machines, and what a person must know before using it. */
import { FieldcraftError } from '../foundation/index.js';
import { hasPublishedClass, predictArguments, taskTypes } from '../tasks/index.js';
import { address, bullets, code, markdownTable, prose, text } from './markdown.js';
import { stageLine } from './model-card-curriculum.js';
import { frontMatter, licencesOf } from './model-card-front-matter.js';
import {
  formatCompact,
  formatCount,
  formatDuration,
  formatInterval,
  formatMean,
  formatPercent,
  formatScore,
  plural,
} from './numbers.js';
import type { RunReport } from './schema.js';
import { meanPerLabel } from './seeds.js';
import type { TaskReport } from './task-schema.js';
import {
  baselineName,
  capitalise,
  enumerate,
  enumerateSome,
  isLessBetter,
  kindName,
  metricName,
  originName,
  recipeName,
  title,
} from './words.js';
import { verdictOf } from './verdict.js';

/** Under this F1, or with fewer true members in the test part, a label is named among the limits. */
const poorF1 = 0.5;
const fewMembers = 10;
/** A table of labels has at most so many rows. */
const mostRows = 60;

/** A part of a card; its body is Markdown. */
export interface CardSection {
  readonly title: string;
  readonly body: string;
}

export interface CardOptions {
  /** Parts that stand before its limits. */
  readonly more?: readonly CardSection[] | undefined;
  /** Where the model lies, from the workspace's root; default: where the run is. */
  readonly folder?: string | undefined;
  /** Set for the folder of an adapter, which others open on its base. */
  readonly adapter?: true | undefined;
}

/**
 * The card of a whole run, or with `taskName` of the folder of one task.
 * @throws FieldcraftError FC_NOT_FOUND where the report has no such task
 */
export function renderModelCard(
  report: RunReport,
  taskName?: string,
  { more = [], folder = runPlace(report), adapter }: CardOptions = {},
): string {
  const tasks = report.tasks.filter((task) => taskName === undefined || task.name === taskName);
  if (tasks.length === 0) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: `the report has no task "${taskName}"`,
      expected: enumerate(report.tasks.map((task) => task.name)),
    });
  }
  const sections = [
    `# ${text(cardTitle(report, tasks))}`,
    introduction(report, tasks),
    `## Intended use\n\n${intendedUse(tasks)}`,
    `## How to use it\n\n${usage(report, tasks, { folder, taskName, adapter })}`,
    `## Results\n\n${tasks.map(results).join('\n\n')}`,
    `## Training data\n\n${tasks.map(trainingData).join('\n\n')}`,
    `## Licences\n\n${licences(report, tasks)}`,
    `## Training procedure\n\n${procedure(report, tasks)}`,
    ...more.map(({ title: name, body }) => `## ${name}\n\n${body}`),
    `## Limits\n\n${bullets(limits(report, tasks))}`,
  ];
  return `${[frontMatter(report, tasks), ...sections].join('\n\n')}\n`;
}

const fence = '```';

function introduction({ run, base }: RunReport, tasks: readonly TaskReport[]): string {
  const origin =
    base.source === 'scratch'
      ? `trained from random weights (${code(base.architecture)}, ${formatCompact(base.parameters)} parameters)`
      : `fine-tuned from ${code(base.id)} (${formatCompact(base.parameters)} parameters)`;
  const what = tasks.map((task) => `**${text(title(task.name))}** (${kindName(task.kind)})`);
  const partial =
    run.status === 'partial' ? '\n\n**The run was stopped before its end: these are the weights so far.**' : '';
  return `A model for ${enumerate(what)}, ${origin} with Fieldcraft.${partial}`;
}

function intendedUse(tasks: readonly TaskReport[]): string {
  const uses = tasks.map((task) => {
    const labels = `${formatCount(task.labels.length)} labels: ${enumerateSome(task.labels.map(code))}`;
    return `**${text(title(task.name))}**: ${taskTypes[task.kind].use(labels)}.`;
  });
  return `${bullets(uses)}\n\nIt helps a person who knows the field to find and sort; it does not replace that person’s judgement. Measure it on texts of your own before relying on it.`;
}

const runPlace = ({ run: { vertical, name } }: RunReport): string =>
  `runs/${vertical === undefined ? name : `${vertical}/${name}`}`;

interface Usage {
  readonly folder: string;
  readonly taskName: string | undefined;
  readonly adapter: true | undefined;
}

function usage(report: RunReport, tasks: readonly TaskReport[], { folder, taskName, adapter }: Usage): string {
  const command = (task: TaskReport) => {
    return `npx fieldcraft predict ${folder} --task ${task.name.replace(/\s+/g, ' ')} ${predictArguments(task.kind, 'Your text')}`;
  };
  const shell = `${fence}sh\n${tasks.map(command).join('\n')}\n${fence}`;
  const task = tasks[0];
  if (taskName === undefined || task === undefined) return shell;
  const elsewhere = adapter ? onItsBase(report, task) : inOtherPrograms(report, task);
  const own = [
    ...(task.seeds.some(({ tuning: { wordShare = 0 } }) => wordShare > 0)
      ? ['with words that count beside the encoder, which Fieldcraft adds: other programs answer without them']
      : []),
    ...(task.seeds.some(({ tuning: { agreement } }) => agreement !== undefined)
      ? ['of answers that agree most with all that are likely: other programs give the likeliest']
      : []),
    ...(task.seeds.some(({ tuning: { transitions } }) => transitions !== undefined)
      ? ['of tags that were chosen together, by which follow which in training: other programs choose each alone']
      : []),
  ].map((what) => `\n\nThe scores below are ${what}.`);
  return [`${shell}\n\n${elsewhere}`, ...own].join('');
}

const readsMean = ({ base }: RunReport, { kind }: TaskReport): boolean => !hasPublishedClass(base.pooling, kind);

function inOtherPrograms(report: RunReport, task: TaskReport): string {
  const { head, vectors } = taskTypes[task.kind].published;
  if (head === 'Model' && !vectors)
    return 'No pipeline of another library does this: they open the encoder of this folder; what its head makes of it is known to Fieldcraft alone.';
  const python = vectors
    ? 'with `sentence-transformers`'
    : readsMean(report, task)
      ? 'with `onnxruntime` (its head reads means of tokens, which no class of PyTorch’s BERT does, so there are no weights for one)'
      : `as \`AutoModel${head}\` of \`transformers\``;
  return `This folder also opens in \`@huggingface/transformers\`, and in Python ${python}:\n\n${fence}js\n${snippet(task)}\n${fence}`;
}

function onItsBase(report: RunReport, task: TaskReport): string {
  const { head, vectors } = taskTypes[task.kind].published;
  if (vectors)
    return 'PEFT (Python) opens it on its base, as `AutoModel`: a text is the mean of its tokens, brought to length 1.';
  return head === 'Model' || readsMean(report, task)
    ? 'PEFT (Python) opens it on the encoder of its base, as `AutoModel`; what the head beside it makes of that is known to Fieldcraft alone.'
    : `PEFT (Python) opens it, with its head, on its base as \`AutoModel${head}\`.`;
}

/** A program that feeds what the task reads: where no pipeline does, the model itself. */
function snippet({ kind }: TaskReport): string {
  const { reads, pipeline, head, vectors } = taskTypes[kind].published;
  if (vectors) {
    return `import { pipeline } from '@huggingface/transformers';

const embed = await pipeline('${pipeline}', './', { dtype: 'fp32' });
const [text, second] = (await embed(['Your text', 'Your second text'], { pooling: 'mean', normalize: true })).tolist();
console.log(text.reduce((cosine, x, i) => cosine + x * second[i], 0));`;
  }
  const opened = (
    auto: string,
    more = '',
  ) => `import { AutoModel${auto}, AutoTokenizer${more} } from '@huggingface/transformers';

const tokenizer = await AutoTokenizer.from_pretrained('./');
const model = await AutoModel${auto}.from_pretrained('./', { dtype: 'fp32' });`;
  if (reads === 'pairs') {
    return `${opened(head)}
const { logits } = await model(tokenizer('Your text', { text_pair: 'Your second text' }));
console.log(logits.tolist());`;
  }
  if (kind === 'regression') {
    return `${opened(head)}
// Of a model of pairs: tokenizer('Your text', { text_pair: 'Your second text' })
const { logits } = await model(tokenizer('Your text'));
console.log(logits.tolist());`;
  }
  if (reads === 'choices') {
    return `// No class of this library takes choices: this one gives each a number, and the largest is the answer's.
${opened('ForSequenceClassification')}
const question = 'Your question';
const choices = ['One choice', 'Another choice'];
// With a passage: it in place of the question, and before each choice the question.
const { logits } = await model(tokenizer(choices.map(() => question), { text_pair: choices, padding: true }));
console.log(logits.tolist());`;
  }
  if (reads === 'neighbours') {
    return `${opened(head, ', Tensor')}
// No pipeline lays this out: [CLS] sentences before [SEP] the sentence [SEP] sentences after [SEP], the sentence in segment 1.
const read = (text) => tokenizer.encode(text, { add_special_tokens: false });
const [cls, sep] = tokenizer.encode('');
const [before, own, after] = ['What is before it.', 'Your text', 'What is after it.'].map(read);
const ids = [cls, ...before, sep, ...own, sep, ...after, sep];
const tensor = (values) => new Tensor('int64', BigInt64Array.from(values, BigInt), [1, ids.length]);
const { logits } = await model({
  input_ids: tensor(ids),
  attention_mask: tensor(ids.map(() => 1)),
  token_type_ids: tensor(ids.map((_, i) => (i > before.length + 1 && i < before.length + 2 + own.length ? 1 : 0))),
});
console.log(logits.tolist());`;
  }
  if (reads === 'intents') {
    return `${opened(head)}
const { logits } = await model(tokenizer('Your text'));
// A row a token: the first one says the intent, the others the tags of slots.
const [first, ...others] = logits.tolist()[0];
const names = Object.values(model.config.id2label);
const best = (row, intent) =>
  names.filter((name) => name.startsWith('intent:') === intent).sort((a, b) => row[names.indexOf(b)] - row[names.indexOf(a)])[0];
console.log(best(first, true), others.slice(0, -1).map((row) => best(row, false)));`;
  }
  if (reads === 'questions') {
    return `import { pipeline } from '@huggingface/transformers';

const model = await pipeline('${pipeline}', './', { dtype: 'fp32' });
console.log(await model('Your question', 'Your text'));`;
  }
  // Of the two entities the one that a relation goes from is marked by @ and *, the other one by # and ^, each with its type.
  const input = reads === 'entities' ? '@ * drug * Aspirin @ relieves # ^ symptom ^ pain #.' : 'Your text';
  const options = kind === 'multi-label' ? ', { top_k: null }' : '';
  return `import { pipeline } from '@huggingface/transformers';

const model = await pipeline('${pipeline}', './', { dtype: 'fp32' });
${reads === 'entities' ? '// The entity that a relation goes from, and the one that it goes to, are marked with their types.\n' : ''}console.log(await model('${input}'${options}));`;
}

/** What a sentence about the model goes on with. */
function verdictSentence(task: TaskReport): string {
  const { tone, text: said } = verdictOf(task);
  return tone === 'even' ? `is ${said}` : said;
}

function results(task: TaskReport): string {
  const heading = `### ${text(title(task.name))}`;
  const names = Object.keys(task.summary).sort((a, b) => Number(b === task.mainMetric) - Number(a === task.mainMetric));
  if (names.length === 0) return `${heading}\n\nNot measured yet.`;
  const rows = names.map((name) => {
    const row = task.summary[name];
    return [
      `${metricName(name)}${isLessBetter(name) ? ' (less is better)' : ''}`,
      row === undefined ? '–' : formatMean(row),
      row?.interval === undefined ? '–' : formatInterval(row.interval),
      ...task.baselines.map((baseline) => {
        const value = baseline.metrics[name];
        return value === undefined ? '–' : formatScore(value);
      }),
    ];
  });
  const seeds = task.summary[task.mainMetric]?.n ?? 1;
  const verdict = `It ${verdictSentence(task)}.${task.notBeaten === undefined ? '' : ` ${prose(task.notBeaten)}`}`;
  return [
    heading,
    `On ${formatCount(partOf(task, 'test'))} test texts, ${seeds === 1 ? 'one seed' : `mean and standard deviation over ${seeds} seeds`}; 95 % intervals by ${text(task.intervalRule)}. ${Object.keys(task.beats).length > 0 ? verdict : ''}`.trim(),
    markdownTable(
      ['Metric', 'Model', '95 % interval', ...task.baselines.map((b) => capitalise(baselineName(b.name)))],
      rows,
    ),
    ensembleLine(task),
    publishedList(task),
    splitsTable(task),
    curveTable(task),
    labelTable(task),
    robustnessTable(task),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function ensembleLine({ ensemble, mainMetric }: TaskReport): string {
  const value = ensemble?.metrics[mainMetric];
  if (ensemble === undefined || value === undefined) return '';
  const { members, interval } = ensemble;
  const range = interval === undefined ? '' : ` (95 % interval ${formatInterval(interval)})`;
  return `The models of all ${members} seeds together, by the mean of their probabilities, have ${metricName(mainMetric)} ${formatScore(value)}${range}; this model is one of them.`;
}

function publishedList({ published = [] }: TaskReport): string {
  if (published.length === 0) return '';
  const items = published.map(
    ({ model, metric, value, source, notComparable }) =>
      `${metricName(metric)} ${formatScore(value)} of ${text(model)} (${text(source)})${notComparable === undefined ? '' : `; not comparable: ${prose(notComparable)}`}`,
  );
  return `Published figures:\n\n${bullets(items)}`;
}

function splitsTable({ splits, mainMetric }: TaskReport): string {
  if (splits === undefined) return '';
  const { seen, test, rows } = splits;
  const cells = rows.map((row) => [
    row.trainedOn === 'cleaned' ? 'the cleaned split' : 'the published split, with its leak',
    ...[formatCount(row.train), formatMean(row.test), row.unseen === undefined ? '–' : formatMean(row.unseen)],
  ]);
  const heads = ['Trained on', 'Train', `All ${formatCount(test)} test`, `${formatCount(test - seen)} unseen`];
  return `${formatCount(seen)} of the ${formatCount(test)} test examples also stand in train or dev as published. ${capitalise(metricName(mainMetric))} by what was trained on:\n\n${markdownTable(heads, cells)}`;
}

function curveTable({ learningCurve = [], mainMetric }: TaskReport): string {
  if (learningCurve.length === 0) return '';
  const names = learningCurve[0]?.baselines.map(({ name }) => name) ?? [];
  const rows = learningCurve.map((point) => [
    ...[formatCount(point.train), formatCount(point.dev), formatMean(point)],
    ...names.map((name) => {
      const found = point.baselines.find((baseline) => baseline.name === name);
      return found === undefined ? '–' : formatMean(found);
    }),
  ]);
  const heads = ['Train', 'Dev', 'Model', ...names.map((name) => capitalise(baselineName(name)))];
  return `Learning curve, ${metricName(mainMetric)} by training examples:\n\n${markdownTable(heads, rows)}`;
}

function labelTable(task: TaskReport): string {
  const all = meanPerLabel(task);
  const isCut = all.length > mostRows;
  const shown = isCut ? all.sort((a, b) => b.support - a.support).slice(0, mostRows) : all;
  const rows = shown.map((row) => [
    row.label,
    formatScore(row.precision),
    formatScore(row.recall),
    formatScore(row.f1),
    formatCount(row.support),
  ]);
  if (rows.length === 0) return '';
  const labelled = markdownTable(['Label', 'Precision', 'Recall', 'F1', 'Support'], rows);
  return isCut ? `The ${mostRows} most frequent of ${formatCount(all.length)} labels:\n\n${labelled}` : labelled;
}

function robustnessTable({ robustness }: TaskReport): string {
  if (robustness === undefined) return '';
  const { texts, clean, judge, queries, rows, constraints } = robustness;
  const share = (value: number | undefined) => (value === undefined ? '–' : formatPercent(value));
  const cells = rows.map((row) => [
    recipeName(row.recipe),
    row.set,
    share(row.successRate),
    row.interval === undefined ? '–' : row.interval.map(share).join(' – '),
    share(row.underAttack),
  ]);
  const likeness = constraints.map(({ set, similarity }) => `${formatScore(similarity)} (${set})`);
  return [
    `Under attack: on ${formatCount(texts)} test texts, ${formatPercent(clean)} right as they are, each changed until the answer is wrong by at most ${formatCount(queries)} questions to the model, and still like itself: cosine at least ${enumerate(likeness)} by ${code(judge)}.`,
    markdownTable(['Change', 'Set', 'Success', '95 % interval', 'Right under attack'], cells),
  ].join('\n\n');
}

function trainingData({ name, data }: TaskReport): string {
  const sizes = data.parts.map(
    ({ part, used, available }) =>
      `${formatCount(used)} ${part}${used < available ? ` (of ${formatCount(available)})` : ''}`,
  );
  return `### ${text(title(name))}\n\n${bullets([
    `Dataset: ${code(data.dataset)}, read from ${text(originName(data.origin))}${data.source === undefined ? '' : `; published at ${address(data.source)}`}`,
    `Examples: ${enumerate(sizes)}`,
    `Split: ${prose(data.splitRule)}`,
    ...data.notes.map(prose),
  ])}`;
}

function licences(report: RunReport, tasks: readonly TaskReport[]): string {
  const rows = licencesOf(report, tasks).map(({ of, name, commercial }) => [
    of,
    name,
    commercial === 'unknown' ? 'unknown' : commercial ? 'permitted' : 'not permitted',
  ]);
  return rows.length === 0 ? 'None recorded.' : markdownTable(['Of', 'Licence', 'Commercial use'], rows);
}

function procedure(
  { run, environment, profileNotes, curriculum = [] }: RunReport,
  tasks: readonly TaskReport[],
): string {
  const settings = Object.entries(run.options).filter(([, value]) => value !== undefined && value !== null);
  const runs = tasks.map((task) => {
    const steps = task.seeds.map((seed) => formatCount(seed.steps));
    return `${text(title(task.name))}: ${plural(task.seeds.length, 'seed')}${steps.length === 0 ? '' : `, ${enumerate([...new Set(steps)])} updates`}`;
  });
  return [
    bullets([
      `Profile ${code(run.profile)}, ${formatDuration(run.seconds)} on ${text(environment.cpu)} (${environment.device}, ${environment.engine.name} ${environment.engine.version})`,
      ...curriculum.map(stageLine),
      ...runs,
      ...profileNotes.map(prose),
    ]),
    `Repeat it with ${code(run.command)}.`,
    `<details><summary>Every option</summary>\n\n${markdownTable(
      ['Option', 'Value'],
      settings.map(([name, value]) => [name, JSON.stringify(value)]),
    )}\n\n</details>`,
  ].join('\n\n');
}

function limits(report: RunReport, tasks: readonly TaskReport[]): string[] {
  const ofTask = (task: TaskReport): string[] => {
    const name = `**${text(title(task.name))}**`;
    const rows = meanPerLabel(task);
    const poor = rows.filter((row) => row.f1 < poorF1 && row.support >= fewMembers);
    const few = rows.filter((row) => row.support < fewMembers);
    const ahead = verdictOf(task);
    return [
      ...(ahead.tone === 'bad' || ahead.tone === 'even' ? [`${name} ${verdictSentence(task)}.`] : []),
      ...(poor.length > 0
        ? [
            `${name}: F1 is below ${poorF1} for ${enumerateSome(poor.map((row) => `${code(row.label)} (${formatScore(row.f1)})`))}.`,
          ]
        : []),
      ...(few.length > 0
        ? [
            `${name}: fewer than ${fewMembers} test members, so scores say little, for ${enumerateSome(few.map((row) => code(row.label)))}.`,
          ]
        : []),
      ...(task.falseAlarms === undefined
        ? []
        : [
            `${name}: of ${task.falseAlarms.paragraphs} paragraphs (${text(task.falseAlarms.source)}), ${formatPercent(task.falseAlarms.rate)} got a label that is not theirs.`,
          ]),
      ...task.data.findings
        .filter((finding) => finding.severity !== 'info')
        .map((finding) => `${name}: ${text(finding.what)}.`),
    ];
  };
  const languages = [...new Set(tasks.flatMap((task) => task.data.language ?? []))];
  const named = (commercial: boolean | 'unknown') => [
    ...new Set(
      licencesOf(report, tasks)
        .filter((licence) => licence.commercial === commercial)
        .map((licence) => `${text(licence.of)} (${text(licence.name)})`),
    ),
  ];
  const [closed, unknown] = [named(false), named('unknown')];
  return [
    ...report.warnings.map(prose),
    ...tasks.flatMap(ofTask),
    ...(closed.length > 0 ? [`Not for commercial use: ${enumerate(closed)}.`] : []),
    ...(unknown.length > 0
      ? [`Whether commercial use is permitted is not known, which counts as no: ${enumerate(unknown)}.`]
      : []),
    `Trained on ${languages.length > 0 ? `texts in ${enumerate(languages.map(code))}` : 'texts'} of the sources above; on other kinds of text, expect lower scores than these.`,
  ];
}

function cardTitle({ run }: RunReport, tasks: readonly TaskReport[]): string {
  return `${title(run.vertical ?? run.name)}: ${enumerate(tasks.map((task) => title(task.name).toLowerCase()))}`;
}

function partOf(task: TaskReport, part: string): number {
  return task.data.parts.find((row) => row.part === part)?.used ?? 0;
}
