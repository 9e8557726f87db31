/** What attacks came to, as reports say it, and where it is written: `robustness.json`, and the report and the model cards of a run. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskKind } from '../data/index.js';
import {
  applyEdits,
  attackFigures,
  constraintSets,
  worstOf,
  type AttackFigures,
  type AttackRecord,
  type RecipeName,
} from '../evaluation/index.js';
import { writeFileAtomic } from '../foundation/index.js';
import { loadReport, renderModelCard, saveReport, type RobustnessReport } from '../report/index.js';
import type { AttackLine } from './attack-file.js';
import type { Goal } from './attack-goals.js';
import { setsOf, type AttackOptions } from './attack-options.js';

export interface AttackedExample {
  readonly goal: Goal;
  readonly lines: readonly AttackLine[];
}

/** Examples that are shown of each recipe and set, and the characters around their changes. */
const shownEach = 2;
const aroundChanges = 160;

export function summariseAttacks(
  done: readonly AttackedExample[],
  { kind, options, recipes }: { kind: TaskKind; options: AttackOptions; recipes: readonly RecipeName[] },
): RobustnessReport {
  const lines = done.flatMap((one) => one.lines);
  const first = done.flatMap(({ lines: [line] }) => line ?? []);
  const units = first.reduce((sum, one) => sum + one.units, 0);
  const of = (set: string) => lines.filter((line) => line.set === set);
  const row = (recipe: string, set: string, records: readonly AttackRecord[]): RobustnessReport['rows'][number] => ({
    recipe,
    set,
    ...written(attackFigures(records)),
  });
  const sets = setsOf(options);
  return {
    texts: done.length,
    skipped: first.filter(({ before }) => before === 0).length,
    unit: kind === 'token-classification' ? 'entity' : 'text',
    clean: units === 0 ? 0 : first.reduce((sum, { before }) => sum + before, 0) / units,
    ...{ judge: options.judge, queries: options.queries, seed: options.seed },
    constraints: sets.map((set) => ({ set, ...constraintSets[set] })),
    rows: sets.flatMap((set) => [
      ...(recipes.length > 1 ? [row('all', set, worstOf(of(set)))] : []),
      ...recipes.map((recipe) =>
        row(
          recipe,
          set,
          of(set).filter((line) => line.recipe === recipe),
        ),
      ),
    ]),
    examples: sets.flatMap((set) => {
      const shown = new Set<string>();
      return recipes.flatMap((recipe) => examplesOf(done, { recipe, set, shown }));
    }),
  };
}

const written = ({ interval, ...figures }: AttackFigures) => ({
  ...figures,
  ...(interval && { interval: [interval[0], interval[1]] as [number, number] }),
});

/** The successes that changed the fewest words, the likest of them first; texts that were not yet `shown` before the others. */
function examplesOf(
  done: readonly AttackedExample[],
  { recipe, set, shown }: { recipe: string; set: string; shown: Set<string> },
): RobustnessReport['examples'] {
  return done
    .flatMap(({ goal, lines }) => lines.map((line) => ({ goal, line })))
    .filter(({ line }) => line.recipe === recipe && line.set === set && line.edits !== undefined)
    .sort(
      (a, b) =>
        Number(shown.has(a.line.id)) - Number(shown.has(b.line.id)) ||
        (a.line.changed ?? 0) - (b.line.changed ?? 0) ||
        (b.line.similarity ?? 0) - (a.line.similarity ?? 0),
    )
    .slice(0, shownEach)
    .map(({ goal, line }) => {
      const { edits = [], said = [], similarity, id } = line;
      shown.add(id);
      const { text, changes } = applyEdits(goal.attacked.text, edits);
      const from = startOfWord(text, Math.min(...changes.map(({ now }) => now.start)) - aroundChanges);
      const to = endOfWord(text, Math.max(...changes.map(({ now }) => now.end)) + aroundChanges);
      const lead = from > 0 ? '… ' : '';
      const shift = lead.length - from;
      return {
        ...{ id, recipe, set },
        text: `${lead}${text.slice(from, to)}${to < text.length ? ' …' : ''}`,
        changes: changes.map(({ now, start, end }) => ({
          ...{ start: now.start + shift, end: now.end + shift },
          was: goal.attacked.text.slice(start, end),
        })),
        ...{ gold: goal.gold.slice(0, mostNames), predicted: said.slice(0, mostNames) },
        ...(similarity === undefined ? {} : { similarity }),
      };
    });
}

/** Labels or entities of an example that are shown. */
const mostNames = 12;

function startOfWord(text: string, at: number): number {
  if (at <= 0) return 0;
  const space = text.lastIndexOf(' ', at);
  return space < 0 || at - space > aroundChanges ? 0 : space + 1;
}

function endOfWord(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const space = text.indexOf(' ', at);
  return space < 0 || space - at > aroundChanges ? text.length : space;
}

/**
 * Writes `robustness.json` into a run or model folder, and where it has a report or model cards, these with the figures in them.
 * @throws FieldcraftError FC_DISK
 */
export function saveRobustness(folder: string, tasks: readonly ({ task: string } & RobustnessReport)[]): void {
  writeFileAtomic(join(folder, 'robustness.json'), `${JSON.stringify({ schemaVersion: 1, tasks }, null, 1)}\n`);
  const path = join(folder, 'report.json');
  if (!existsSync(path)) return;
  const report = loadReport(path);
  for (const { task, ...robustness } of tasks) {
    const own = report.tasks.find(({ name }) => name === task);
    if (own !== undefined) own.robustness = robustness;
  }
  saveReport(folder, report);
  if (existsSync(join(folder, 'README.md'))) writeFileAtomic(join(folder, 'README.md'), renderModelCard(report));
  const published = join(folder, 'hf');
  if (!existsSync(published)) return;
  for (const { name } of report.tasks)
    if (readdirSync(published).includes(name))
      writeFileAtomic(join(published, name, 'README.md'), renderModelCard(report, name));
}
