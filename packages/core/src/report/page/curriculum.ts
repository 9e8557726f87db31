/** What the encoder went through before the tasks were learnt: the stages in their order with their time, and how well held-out text was told along the way. */
import { lineChart } from '../charts/line-chart.js';
import type { FinetuningReport, PretrainingReport, StageReport } from '../curriculum-schema.js';
import { html, type Markup } from '../markup.js';
import { formatCompact, formatCount, formatDuration, formatScore, plural, threeDigits } from '../numbers.js';
import type { RunReport } from '../schema.js';
import { metricName, title } from '../words.js';
import { table } from './table.js';

export const curriculumId = 'curriculum';

export function curriculumSection({ curriculum = [], tasks }: RunReport): Markup | false {
  if (curriculum.length === 0) return false;
  const trained = Math.max(0, ...tasks.flatMap(({ seeds }) => seeds.map(({ seconds }) => seconds)));
  const steps = [
    ...curriculum.map((stage) => ({
      name: title(stage.name),
      does: purposes[stage.kind],
      seconds: stage.seconds,
      cached: stage.cached,
    })),
    { name: 'Tasks', does: plural(tasks.length, 'task'), seconds: trained, cached: false },
  ];
  return html`<section id="${curriculumId}">
    <h2>Before the tasks</h2>
    <p>
      The encoder went through ${plural(curriculum.length, 'stage')} before
      ${tasks.length === 1 ? 'the task was' : 'the tasks were'} learnt, which took
      ${formatDuration(curriculum.reduce((sum, { seconds }) => sum + seconds, 0))}${curriculum.some(({ cached }) => cached) && ', part of it in an earlier run'}.
    </p>
    <ol class="stages">
      ${steps.map(
        ({ name, does, seconds, cached }) =>
          html`<li>
            <b>${name}</b><span class="quiet">${does}</span>
            <span class="whole">${formatDuration(seconds)}${cached && ', trained before'}</span>
          </li>`,
      )}
    </ol>
    ${curriculum.map(stageBody)}
  </section>`;
}

const purposes = {
  domain: 'masked words of the field’s text',
  task: 'masked words of the tasks’ texts',
  intermediate: 'another task, learnt first',
} as const satisfies Record<StageReport['kind'], string>;

function stageBody({ name, pretraining, finetuning, general }: StageReport): Markup {
  return html`<h3>${title(name)}</h3>
    ${pretraining && pretrainingBody(name, pretraining)} ${finetuning && finetuningBody(name, finetuning)}
    ${general && generalTable(general)}`;
}

/** What was forgotten, or learnt by the way. */
const generalTable = (general: NonNullable<StageReport['general']>): Markup =>
  table({
    caption: 'General tasks by the encoder’s vectors as they are, before and after',
    rows: general,
    columns: [
      {
        head: 'Task',
        cell: ({ task, metric }) => html`${task}<br /><small class="quiet">${metricName(metric)}</small>`,
      },
      { head: 'Before', kind: 'number', cell: (row) => formatScore(row.before) },
      { head: 'After', kind: 'number', cell: (row) => formatScore(row.after) },
    ],
  });

function finetuningBody(name: string, finetuning: FinetuningReport): Markup {
  const { task, examples, removed, evaluationTexts, updates, trainedTokens, metric, curve, best, test } = finetuning;
  return html`<p>
      ${plural(examples, 'example')} of ${task} were learnt in ${formatCount(updates)} updates, which read
      ${formatCompact(trainedTokens)} tokens; ${formatCount(removed)} more were left out because they overlap one of
      ${formatCount(evaluationTexts)} texts of dev and test parts. On its own test part the model then reached
      ${metricName(metric)} ${formatScore(test)}. Its encoder is what the next step started from.
    </p>
    <div class="charts">
      <figure>
        ${lineChart({
          title: `${metricName(metric)} on the dev part by update, ${name}`,
          ...{ xLabel: 'updates', yLabel: metricName(metric) },
          lines: [
            { name: task, points: curve.map(({ step, score }): [number, number] => [step, score]), ringed: best },
          ],
        })}
        <figcaption>Score on the dev part; ringed: the weights that were kept</figcaption>
      </figure>
    </div>`;
}

function pretrainingBody(name: string, pretraining: PretrainingReport): Markup {
  const { head, encoder, corpora, before, after } = pretraining;
  const points = (curve: readonly { step: number; loss: number }[], from = 0): [number, number][] =>
    curve.map(({ step, loss }) => [from + step, Math.exp(loss)]);
  const headUpdates = head?.updates ?? 0;
  const rows = [
    { of: 'held-out text of these corpora', before: before.heldOut, after: after.heldOut },
    ...Object.entries(before.others).map(([of, loss]) => ({ of, before: loss, after: after.others[of] ?? NaN })),
  ];
  return html`<p>
      ${formatCompact(encoder.trainedTokens)} tokens read in ${formatCount(encoder.updates)} updates; a pass has
      ${formatCompact(pretraining.tokens)} of them, and ${formatCompact(pretraining.heldOutTokens)} more were held out.
      ${pretraining.replay !== undefined && html`${formatCompact(pretraining.replay.tokens)} tokens of ${pretraining.replay.corpora.map((corpus) => corpus.name).join(', ')} were read in each pass besides, so that less is forgotten.`}
      ${pretraining.newWords !== undefined && pretraining.fertility !== undefined && html`${plural(pretraining.newWords, 'word')} of the field got an entry of their own in the vocabulary: ${threeDigits(pretraining.fertility.after)} tokens a word instead of ${threeDigits(pretraining.fertility.before)}.`}
      ${pretraining.fieldTerms !== undefined && html`${plural(pretraining.fieldTerms, 'word')} of the field were hidden more often than others.`}
      Lower perplexity means that hidden words were told better. “Before” is the encoder as it
      was${head !== null && ', with a new head that had learnt all it could from it'}.
    </p>
    <div class="charts">
      <figure>
        ${lineChart({
          title: `Perplexity of held-out text by update, ${name}`,
          xLabel: 'updates',
          yLabel: 'perplexity',
          lines: [
            ...(head ? [{ name: 'new head alone', points: points(head.curve) }] : []),
            {
              name: 'encoder and head',
              points: [
                [headUpdates, Math.exp(before.heldOut)] as [number, number],
                ...points(encoder.curve, headUpdates),
              ],
              ringed: headUpdates + encoder.best,
            },
          ],
        })}
        <figcaption>
          Perplexity of held-out
          text${head !== null && html`: first a new head alone, for ${formatCount(head.updates)} updates, then all`};
          ringed: the weights that were kept
        </figcaption>
      </figure>
    </div>
    ${table({
      caption: 'Perplexity before and after',
      rows,
      columns: [
        { head: 'Text', cell: (row) => row.of },
        { head: 'Before', kind: 'number', cell: (row) => threeDigits(Math.exp(row.before)) },
        { head: 'After', kind: 'number', cell: (row) => threeDigits(Math.exp(row.after)) },
      ],
    })}
    ${table({
      caption: `What was read, without what stands in ${formatCount(pretraining.evaluationTexts)} texts of dev and test parts`,
      rows: corpora,
      columns: [
        { head: 'Text', cell: (row) => row.name },
        { head: 'Documents', kind: 'number', cell: (row) => formatCount(row.documents) },
        { head: 'Documents left out', kind: 'number', cell: (row) => formatCount(row.removedDocuments) },
        { head: 'Paragraphs left out', kind: 'number', cell: (row) => formatCount(row.removedParagraphs) },
      ],
    })}`;
}
