/** A student beside its teacher: what it keeps, and what it saves. */
import type { DistillationReport } from './distillation-schema.js';
import { html, type Markup } from './markup.js';
import { formatCompact, formatCount, formatScore } from './numbers.js';
import { table } from './page/table.js';
import type { RunReport } from './schema.js';
import { enumerate, metricName, title } from './words.js';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Sentences; undefined for a run without a teacher. */
export function distillationInWords({ distillation }: Pick<RunReport, 'distillation'>): string | undefined {
  if (distillation === undefined) return undefined;
  const { tasks } = distillation;
  const kept = tasks.map(({ name, kept: share }) => `${percent(share)} of its score on ${name}`);
  return `A student of ${distillation.teacher} that keeps ${enumerate(kept)}: ${savings(distillation)}.`;
}

function savings({ layers, vocabulary, parameters, speedup }: DistillationReport): string {
  const fewer = percent(1 - parameters.student / parameters.teacher);
  const pieces =
    vocabulary.student < vocabulary.teacher
      ? `, ${formatCount(vocabulary.student)} of ${formatCount(vocabulary.teacher)} pieces of the vocabulary`
      : '';
  return `${layers.student} of ${layers.teacher} layers${pieces}, ${fewer} fewer parameters of the encoder, ${speedup.toFixed(2)} times as fast`;
}

export function distillationSection({ distillation }: Pick<RunReport, 'distillation'>): Markup | undefined {
  if (distillation === undefined) return undefined;
  const { teacher, parameters, tokensPerSecond, temperature, alpha, tasks } = distillation;
  return html`<section>
    <h2>The student and its teacher</h2>
    <p>
      Learnt from <code>${teacher}</code> with temperature ${temperature} and ${percent(alpha)} of the loss from its
      answers: ${savings(distillation)} (${formatCompact(parameters.teacher)} and ${formatCompact(parameters.student)}
      parameters; ${formatCount(Math.round(tokensPerSecond.teacher))} and
      ${formatCount(Math.round(tokensPerSecond.student))} tokens a second, predicted in turn on the same texts).
    </p>
    ${table({
      caption: 'Both on the same test parts',
      rows: tasks,
      columns: [
        {
          head: 'Task',
          cell: ({ name, metric }) => html`${title(name)}<br /><small class="quiet">${metricName(metric)}</small>`,
        },
        { head: 'Teacher', kind: 'number', cell: (row) => formatScore(row.teacher) },
        { head: 'Student', kind: 'number', cell: (row) => formatScore(row.student) },
        { head: 'Kept', kind: 'number', cell: ({ kept }) => percent(kept) },
      ],
    })}
  </section>`;
}
