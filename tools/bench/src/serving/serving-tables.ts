/** What the benchmark of servers prints. */
import { formatTable } from '../table.js';
import type { Cell, LoadFigures, OneByOne } from './measure-servers.js';
import { quantile } from './load.js';
import type { ServedForms } from './served-models.js';

export interface ModelFigures {
  readonly forms: Pick<ServedForms, 'title' | 'bytes' | 'blocks' | 'kept'>;
  /** Of our server in INT8. */
  readonly startSeconds: readonly number[];
  readonly oneByOne: OneByOne;
  /** Our server in INT8 first, then in fp32, then the others; by sets of texts, that of equal lengths first. */
  readonly cells: readonly Cell[];
  /** For each server of the first set, the share of answers that are those of the first. */
  readonly equalAnswers: readonly number[];
}

const at = ({ loads }: Cell, share: number): LoadFigures => loads.find((load) => load.share === share)!;
const milliseconds = (value: number) => value.toFixed(value < 10 ? 2 : 1);

/** A line a server: throughput at full load, times the first one's; p50 and p99 as requests come by chance; errors; CPU time an answer. */
export function formatCells(cells: readonly Cell[]): string[] {
  const [first] = cells;
  const rows = cells.map((cell) => {
    const [full, half, most] = [at(cell, 1), at(cell, 0.5), at(cell, 0.9)];
    return [
      cell.server,
      full.throughput.toFixed(1),
      (at(first!, 1).throughput / full.throughput).toFixed(2),
      ...[half, most].flatMap(({ p50, p99 }) => [milliseconds(p50), milliseconds(p99)]),
      String(cell.loads.reduce((sum, { errors }) => sum + errors, 0)),
      full.serverCpu === undefined ? '-' : milliseconds(full.serverCpu),
      milliseconds(full.askingCpu),
    ];
  });
  const heading = ['', 'answers/s', 'ours is times', 'ms at 50 %: p50', 'p99', 'at 90 %: p50', 'p99', 'errors'];
  const lines = formatTable([...heading, 'CPU ms/answer', 'of asking'], rows);
  for (const { server, loads } of cells) {
    const failed = loads.find(({ firstError }) => firstError !== undefined);
    if (failed) lines.push(`${server} failed first by: ${failed.firstError}`);
  }
  return lines;
}

/** Every goal with its figure. */
export function formatBars(figures: ModelFigures, { compared }: { compared: boolean }): string[] {
  const { forms, cells, oneByOne, startSeconds, equalAnswers } = figures;
  const [ours, fp32] = cells as [Cell, Cell];
  const rows: string[][] = [];
  const bar = (
    what: string,
    value: number,
    { least, most, unit = '' }: { least?: number; most?: number; unit?: string },
  ) => {
    const reached = least === undefined ? value <= most! : value >= least;
    const goal = least === undefined ? `at most ${most}` : `at least ${least}`;
    rows.push([what, `${value.toFixed(2)}${unit}`, `${goal}${unit}`, reached ? 'reached' : 'NOT reached']);
  };
  const throughput = (cell: Cell) => at(cell, 1).throughput;
  bar('INT8 against fp32, answers/s', throughput(ours) / throughput(fp32), { least: compared ? 2.5 : 3 });
  bar('file in fp32 against INT8', forms.bytes.fp32 / forms.bytes.int8, { least: 3.7 });
  if (compared) bar('p99 at 50 %', at(ours, 0.5).p99, { most: 100, unit: ' ms' });
  else bar('p99 at 50 % against a bare run of all threads', at(ours, 0.5).p99 / oneByOne.fastest, { most: 5 });
  const { bare: worker, fastest, served } = oneByOne;
  const bare = `bare ${milliseconds(worker)} ms, by all threads ${milliseconds(fastest)}, served ${milliseconds(served)}`;
  bar(`HTTP and batching at p50 (${bare})`, oneByOne.served - oneByOne.bare, { most: 1, unit: ' ms' });
  if (compared) bar('start to ready', quantile(startSeconds, 0.5), { most: 3, unit: ' s' });
  for (const set of new Set(cells.map((cell) => cell.set))) {
    const [own, , ...others] = cells.filter((cell) => cell.set === set) as [Cell, Cell, ...Cell[]];
    const least = set === ours.set ? 1 : 1.5;
    for (const other of others) bar(`against ${other.server}, ${set}`, throughput(own) / throughput(other), { least });
  }
  const sizes = [forms.bytes.fp32, forms.bytes.int8].map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`);
  const lines = formatTable([forms.title, 'measured', 'goal', ''], rows);
  const closer = [...forms.blocks.map((name) => `${name} by blocks`), ...forms.kept.map((name) => `${name} in fp32`)];
  lines.push(
    `files of ${sizes.join(' and ')}; in INT8 but for ${closer.length} weights`,
    ...closer.map((line) => `  ${line}`),
  );
  const servers = new Set(cells.map(({ server }) => server));
  const shares = [...servers].map((server, i) => `${server} ${(100 * equalAnswers[i]!).toFixed(0)} %`);
  lines.push(`answers as the first server's: ${shares.slice(1).join(', ')}`);
  return lines;
}
