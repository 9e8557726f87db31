/** The students of a series beside their teachers: what they save, and what they keep. */
import { formatCompact, formatPercent, metricName } from '@fieldcraft/core';
import { report } from '@fieldcraft/core/internals';
import { formatMean } from '../table.js';
import type { TaskResults } from './tables.js';

/** Nothing where nothing was learnt from a teacher. */
export function studentTable(groups: readonly TaskResults[]): string[] {
  const rows = groups.flatMap(({ title, name, records }) => {
    const pairs = records.flatMap(({ distillation }) => {
      const own = distillation?.tasks.find((task) => task.name === name);
      return distillation && own ? [{ ...distillation, ...own }] : [];
    });
    const [first] = pairs;
    if (first === undefined) return [];
    const { parameters, layers, metric } = first;
    const over = (of: (pair: NonNullable<typeof first>) => number, digits: number) => formatMean(pairs.map(of), digits);
    return [
      [
        title,
        String(pairs.length),
        `${layers.teacher} and ${layers.student}`,
        formatCompact(parameters.teacher),
        formatCompact(parameters.student),
        formatPercent(1 - parameters.student / parameters.teacher),
        over(({ speedup }) => speedup, 2),
        metricName(metric),
        over(({ teacher }) => teacher, 3),
        over(({ student }) => student, 3),
        `${over(({ kept }) => 100 * kept, 1)} %`,
      ],
    ];
  });
  if (rows.length === 0) return [];
  return [
    '## Students and teachers',
    report.markdownTable(
      [
        'Student',
        'Seeds',
        'Layers',
        'Teacher’s parameters',
        'Student’s',
        'Fewer',
        'Times as fast',
        'Score',
        'Teacher',
        'Student',
        'Kept',
      ],
      rows,
    ),
    'Parameters of the encoders, heads left out. How many times faster the student predicts is measured in the process that trained it: both in turn on the same texts. Each student learns from the teacher of its own seed.',
  ];
}
