/** How a task's model stood attacks: a table a set of constraints, and a few of the texts that turned its answer. */
import {
  formatCount,
  formatPercent,
  formatScore,
  recipeName,
  type AttackResults,
  type RobustnessReport,
} from '@fieldcraft/core';
import { drawTable, left, right } from './run-tables.js';
import type { Screen } from './screen.js';
import { wrap } from './tables.js';

/** Texts that are shown of a task; the report has more. */
const shown = 4;

export function drawAttacks(screen: Screen, { task, ...result }: AttackResults['tasks'][number]): string[] {
  const { texts, skipped, clean, unit, constraints, rows, examples } = result;
  const answers = `${formatPercent(clean)} of their ${unit === 'entity' ? 'entities found' : 'answers right'} as they are`;
  const title = `${task}, ${formatCount(texts)} test texts, ${answers}, ${formatCount(skipped)} not attacked`;
  return [
    '',
    screen.style('bold', title),
    ...constraints.flatMap((set) => drawSet(screen, set, rows)),
    ...(examples.length === 0 ? [] : ['', screen.style('bold', 'Texts that turned the answer')]),
    ...spread(examples, shown).flatMap((example) => drawExample(screen, example)),
  ];
}

type Set = RobustnessReport['constraints'][number];

function drawSet(screen: Screen, { set, similarity, wordsChanged }: Set, all: RobustnessReport['rows']): string[] {
  const rows = all.filter((row) => row.set === set);
  const share = (value: number | undefined) => (value === undefined ? '–' : formatPercent(value));
  const columns = [
    left('Change'),
    ...['Success', '95 % interval', 'Turned', 'Right under attack', 'Questions', 'Words', 'Cosine'].map(right),
  ];
  const cells = rows.map((row) => [
    recipeName(row.recipe),
    share(row.successRate),
    row.interval === undefined ? '' : row.interval.map(formatPercent).join(' – '),
    `${formatCount(row.flipped)} of ${formatCount(row.attacked)}`,
    formatPercent(row.underAttack),
    formatCount(Math.round(row.queries)),
    row.wordsChanged === undefined ? '–' : row.wordsChanged.toFixed(1),
    row.similarity === undefined ? '–' : formatScore(row.similarity),
  ]);
  const what = `${set}: cosine at least ${formatScore(similarity)}, at most ${formatPercent(wordsChanged)} of the words changed`;
  return drawTable(screen, what, { columns, rows: cells }, (line, row) =>
    rows[row]?.recipe === 'all' ? screen.style('bold', line) : line,
  );
}

/** Some items from the whole length of a list. */
const spread = <T>(items: readonly T[], count: number): T[] =>
  items.filter((_, i) => Math.floor((i * count) / items.length) !== Math.floor(((i - 1) * count) / items.length));

function drawExample(screen: Screen, example: RobustnessReport['examples'][number]): string[] {
  const { text, changes, recipe, set, gold, predicted } = example;
  let marked = '';
  let at = 0;
  for (const { start, end, was } of changes) {
    marked += `${text.slice(at, start)}[${was} → ${text.slice(start, end)}]`;
    at = end;
  }
  const words = (names: readonly string[]) => (names.length === 0 ? 'nothing' : names.join(', '));
  return [
    ...wrap((marked + text.slice(at)).replace(/\s*\n\s*/g, ' '), screen.width() - 2).map((line) => `  ${line}`),
    screen.style('dim', `    ${recipeName(recipe)}, ${set}: ${words(gold)} → ${words(predicted)}`),
  ];
}
