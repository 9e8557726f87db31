/** How a task's score grows with the examples that it learns from, drawn and in figures. */
import { learningCurveChart } from '../charts/learning-curve.js';
import { html } from '../markup.js';
import { formatCount, formatMean, plural } from '../numbers.js';
import type { TaskReport } from '../task-schema.js';
import { baselineName, capitalise, metricName } from '../words.js';
import { legend } from './legend.js';
import type { Part } from './part.js';
import { table } from './table.js';

export function learningCurveSection({ learningCurve, mainMetric, name }: TaskReport): Part | undefined {
  if (learningCurve === undefined || learningCurve.length === 0) return undefined;
  const metric = metricName(mainMetric);
  const baselines = [...new Set(learningCurve.flatMap((point) => point.baselines.map((baseline) => baseline.name)))];
  const ofBaseline = (point: (typeof learningCurve)[number], baseline: string) =>
    point.baselines.find((row) => row.name === baseline);
  const lines = [
    { name: 'this model', points: learningCurve.map(({ train, mean, std }) => ({ size: train, mean, std })) },
    ...baselines.map((baseline) => ({
      name: baselineName(baseline),
      points: learningCurve.flatMap((point) => {
        const found = ofBaseline(point, baseline);
        return found === undefined ? [] : [{ size: point.train, mean: found.mean, std: found.std }];
      }),
    })),
  ];
  const rounds = Math.max(...learningCurve.map(({ values }) => values.length));
  const body = html`${legend(lines.map((line) => line.name))}
    <figure>
      ${learningCurveChart({ title: `${metric} of ${name} by training examples`, yLabel: metric, lines })}
      <figcaption>
        ${capitalise(metric)} on the test
        part${rounds > 1 && html`, mean over ${plural(rounds, 'seed')}; whiskers are one standard deviation`}. Baselines
        learn from the same examples.
      </figcaption>
    </figure>
    ${table({
      caption: 'The learning curve in figures',
      quietCaption: true,
      rows: learningCurve,
      columns: [
        { head: 'Train', kind: 'number', cell: (row) => formatCount(row.train) },
        { head: 'Dev', kind: 'number', cell: (row) => formatCount(row.dev) },
        { head: 'Model', kind: 'number', cell: (row) => html`<b>${formatMean(row)}</b>` },
        ...baselines.map((baseline) => ({
          head: capitalise(baselineName(baseline)),
          kind: 'number' as const,
          cell: (row: (typeof learningCurve)[number]) => {
            const found = ofBaseline(row, baseline);
            return found === undefined ? '–' : formatMean(found);
          },
        })),
      ],
    })}`;
  return { title: 'Learning curve', body };
}
