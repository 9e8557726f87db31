/** How training went: losses, dev scores and calibration as charts, one line a seed, with a table of the runs. */
import { lineChart } from '../charts/line-chart.js';
import { reliabilityChart } from '../charts/reliability-chart.js';
import { html } from '../markup.js';
import { formatCompact, formatCount, formatDuration, formatScore, threeDigits } from '../numbers.js';
import type { TaskReport } from '../task-schema.js';
import { capitalise, metricName } from '../words.js';
import { legend } from './legend.js';
import type { Part } from './part.js';
import { table } from './table.js';

export function training(task: TaskReport): Part {
  const { seeds, mainMetric } = task;
  if (seeds.length === 0)
    return { title: 'Training', body: html`<p class="quiet">Training of this task did not begin.</p>` };
  const name = (seed: number) => `seed ${seed}`;
  const metric = metricName(mainMetric);
  const reliability = seeds.flatMap(({ seed, test }) =>
    test?.reliability?.some((bin) => bin.count > 0) ? [{ name: name(seed), bins: test.reliability }] : [],
  );
  const ece = task.summary['ece']?.mean;
  const body = html`${seeds.length > 1 && legend(seeds.map(({ seed }) => name(seed)))}
    <div class="charts">
      <figure>
        ${lineChart({
          title: `Training loss of ${task.name} by update`,
          xLabel: 'updates',
          yLabel: 'loss',
          lines: seeds.map(({ seed, curve }) => ({
            name: name(seed),
            points: curve.map(({ step, loss }) => [step, loss]),
          })),
        })}
        <figcaption>Training loss</figcaption>
      </figure>
      <figure>
        ${lineChart({
          title: `${metric} of ${task.name} on the dev part by update`,
          xLabel: 'updates',
          yLabel: metric,
          lines: seeds.map(({ seed, evaluations, bestStep }) => ({
            name: name(seed),
            points: evaluations.map(({ step, value }) => [step, value]),
            ringed: bestStep,
          })),
        })}
        <figcaption>
          Score on the dev
          part${seeds.some(({ bestStep }) => bestStep !== undefined) && '; ringed: the weights that were kept, the best on average over all tasks'}
        </figcaption>
      </figure>
      ${
        reliability.length > 0 &&
        html`<figure>
          ${reliabilityChart(reliability)}
          <figcaption>
            Reliability on the test part: below the dashed line it claims too
            much${ece !== undefined && html`. Calibration error ${formatScore(ece)}`}
          </figcaption>
        </figure>`
      }
    </div>
    ${table({
      caption: 'The training runs',
      quietCaption: true,
      rows: seeds,
      columns: [
        { head: 'Seed', cell: (row) => String(row.seed) },
        { head: 'Updates', kind: 'number', cell: (row) => formatCount(row.steps) },
        { head: 'Epochs', kind: 'number', cell: (row) => threeDigits(row.epochs) },
        {
          head: 'Time',
          kind: 'number',
          cell: (row) => html`<span class="whole">${formatDuration(row.seconds)}</span>`,
        },
        { head: 'Tokens', kind: 'number', cell: (row) => formatCompact(row.trainingTokens) },
        { head: 'Tokens a second', kind: 'number', cell: (row) => formatCount(row.tokensPerSecond) },
        {
          head: html`${capitalise(metric)}, test`,
          kind: 'number',
          cell: (row) => mainScore(row.test?.metrics[mainMetric]),
        },
      ],
    })}`;
  return { title: 'Training', body };
}

function mainScore(value: number | undefined): string {
  return value === undefined ? '–' : formatScore(value);
}
