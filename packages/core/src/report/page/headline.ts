/** The top of the page: what was trained, on what, and how good it is beside simple methods. */
import { point } from '../charts/tracks.js';
import { html, type Markup } from '../markup.js';
import {
  formatCompact,
  formatCount,
  formatDuration,
  formatInterval,
  formatMean,
  formatScore,
  formatTime,
  plural,
} from '../numbers.js';
import { figureBeside } from '../published.js';
import { distillationSection } from '../distillation.js';
import type { RunReport } from '../schema.js';
import { sharingSection } from '../sharing.js';
import type { TaskReport } from '../task-schema.js';
import { verdictOf } from '../verdict.js';
import { baselineName, capitalise, kindName, metricName, title } from '../words.js';
import { bullets, table } from './table.js';

export function headline(report: RunReport): Markup {
  const { run, base, tasks } = report;
  const seeds = Math.max(...tasks.map((task) => task.seeds.length));
  const origin =
    base.source === 'scratch'
      ? html`Trained from random weights (<b>${base.architecture}</b>, ${formatCompact(base.parameters)} parameters)`
      : html`Fine-tuned from <b>${base.id}</b> (${formatCompact(base.parameters)} parameters)`;
  return html`<header>
    <p class="eyebrow">Training report · ${formatTime(run.finished)}</p>
    <h1>${pageTitle(report)}</h1>
    <p class="lead">
      ${origin}, profile ${run.profile}, ${plural(seeds, 'seed')}, in ${formatDuration(run.seconds)} on
      ${report.environment.device.toUpperCase()}.
    </p>
    ${report.profileNotes.length > 0 && html`<div class="quiet">${bullets(report.profileNotes.map(capitalise))}</div>`}
    ${run.status === 'partial' && html`<p class="banner warning" role="note"><b>This run was stopped before its end.</b> What follows describes the work so far.</p>`}
    ${report.warnings.length > 0 && html`<div class="banner warning" role="note"><b>Before you trust this</b>${bullets(report.warnings)}</div>`}
    <div class="cards">${tasks.map((task, i) => card(task, i))}</div>
    ${tasks.length > 1 && overview(tasks)} ${sharingSection(tasks)} ${distillationSection(report)}
    ${
      report.nextSteps.length > 0 &&
      html`<section class="next">
        <h2>What next</h2>
        ${bullets(report.nextSteps)}
      </section>`
    }
  </header>`;
}

export function pageTitle({ run, tasks }: RunReport): string {
  const only = tasks.length === 1 ? tasks[0] : undefined;
  const what = only === undefined ? `${tasks.length} tasks` : title(only.name).toLowerCase();
  return `${title(run.vertical ?? run.name)}: ${what}`;
}

/** The main score large, and on one track with those of the baselines. */
function card(task: TaskReport, index: number): Markup {
  const main = task.summary[task.mainMetric];
  const verdict = verdictOf(task);
  const { ensemble } = task;
  const together = ensemble?.metrics[task.mainMetric];
  const rows = [
    ...(main === undefined ? [] : [{ name: 'this model', value: main.mean, interval: main.interval, own: true }]),
    ...(ensemble === undefined || together === undefined
      ? []
      : [{ name: `ensemble of ${ensemble.members}`, value: together, interval: ensemble.interval, own: false }]),
    ...task.baselines.flatMap((baseline) => {
      const value = baseline.metrics[task.mainMetric];
      return value === undefined
        ? []
        : [{ name: baselineName(baseline.name), value, interval: baseline.interval, own: false }];
    }),
  ];
  return html`<article class="card">
    <h2><a href="#task-${index + 1}">${title(task.name)}</a></h2>
    <p class="quiet">${kindName(task.kind)}</p>
    <p class="score">
      ${main === undefined ? '–' : formatScore(main.mean)}${main?.std !== undefined && html` <small>± ${formatScore(main.std)}</small>`}
    </p>
    <p class="quiet">
      ${metricName(task.mainMetric)}${main?.interval && html`, 95 % interval <span class="whole">${formatInterval(main.interval)}</span>`}
    </p>
    <div class="versus">
      ${rows.map(
        (row) =>
          html`<div class="${row.own ? 'own' : 'other'}">
            <span>${row.name}</span>${point(row.value, row.interval)}<span class="figure"
              >${formatScore(row.value)}</span
            >
          </div>`,
      )}
    </div>
    <p><span class="chip ${verdict.tone}">${verdict.text}</span></p>
    ${task.notBeaten !== undefined && html`<p class="quiet">${task.notBeaten}</p>`}
  </article>`;
}

function overview(tasks: readonly TaskReport[]): Markup {
  const baselines = [...new Set(tasks.flatMap((task) => task.baselines.map((baseline) => baseline.name)))];
  const used = (task: TaskReport, part: string) => task.data.parts.find((row) => row.part === part)?.used ?? 0;
  const main = (task: TaskReport) => task.summary[task.mainMetric];
  const ofBaseline = (task: TaskReport, name: string) =>
    task.baselines.find((baseline) => baseline.name === name)?.metrics[task.mainMetric];
  return html`<section>
    <h2>Overview</h2>
    ${table({
      caption:
        'Every task with its main score on the test part, the baselines’ scores, a published figure where there is one, a verdict and its size',
      quietCaption: true,
      rows: tasks.map((task, index) => ({ task, index })),
      columns: [
        { head: 'Task', cell: ({ task, index }) => html`<a href="#task-${index + 1}">${title(task.name)}</a>` },
        { head: 'Score', cell: ({ task }) => html`<span class="whole">${metricName(task.mainMetric)}</span>` },
        {
          head: 'Model',
          kind: 'number',
          cell: ({ task }) => {
            const score = main(task);
            return html`<b>${score === undefined ? '–' : formatMean(score)}</b>`;
          },
        },
        {
          head: '95 % interval',
          kind: 'number',
          cell: ({ task }) => {
            const interval = main(task)?.interval;
            return html`<span class="whole">${interval === undefined ? '–' : formatInterval(interval)}</span>`;
          },
        },
        ...(tasks.some(({ ensemble }) => ensemble)
          ? [
              {
                head: 'Ensemble',
                kind: 'number' as const,
                cell: ({ task }: { task: TaskReport }) => scoreOr(task.ensemble?.metrics[task.mainMetric]),
              },
            ]
          : []),
        ...baselines.map((name) => ({
          head: capitalise(baselineName(name)),
          kind: 'number' as const,
          cell: ({ task }: { task: TaskReport }) => scoreOr(ofBaseline(task, name)),
        })),
        ...(tasks.some(({ published = [] }) => published.length > 0)
          ? [{ head: 'Published', cell: publishedCell }]
          : []),
        {
          head: 'Verdict',
          cell: ({ task }) => {
            const { tone, text } = verdictOf(task);
            return html`<span class="chip whole ${tone}">${text}</span>`;
          },
        },
        ...(['train', 'dev', 'test'] as const).map((part) => ({
          head: capitalise(part),
          kind: 'number' as const,
          cell: ({ task }: { task: TaskReport }) => formatCount(used(task, part)),
        })),
      ],
    })}
  </section>`;
}

/** The figure of the main metric; that there are others, or none of it, is said in the task's section. */
function publishedCell({ task }: { task: TaskReport }): Markup {
  const figure = figureBeside(task);
  if (figure === undefined) return html`–`;
  const { value, model, notComparable } = figure;
  return html`<span class="whole">${formatScore(value)}</span>
    <small class="quiet">${model}${notComparable !== undefined && ', not comparable'}</small>`;
}

function scoreOr(value: number | undefined): string {
  return value === undefined ? '–' : formatScore(value);
}
