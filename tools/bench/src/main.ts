/** `npm run bench -- <name> [...]`: what is measured on a quiet machine, and never in a test. */
import { benchLora, loraUsage } from './lora/bench-lora.js';
import { benchServing, servingUsage } from './serving/bench-serving.js';
import { benchSessions, sessionsUsage } from './serving/bench-sessions.js';
import { benchSeries, seriesUsage } from './series/bench-series.js';
import { benchTables, tablesUsage } from './series/write-tables.js';
import { benchStep, stepUsage } from './step/bench-step.js';
import { benchTraining, trainingUsage } from './training/bench-training.js';

type Bench = (args: readonly string[], print: (line: string) => void) => Promise<void>;

const benches: Readonly<Record<string, Bench>> = {
  training: benchTraining,
  step: benchStep,
  lora: benchLora,
  series: benchSeries,
  tables: benchTables,
  sessions: benchSessions,
  serving: benchServing,
};

const [name = '', ...args] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) {
  const usages = [trainingUsage, stepUsage, loraUsage, seriesUsage, tablesUsage, sessionsUsage, servingUsage];
  console.error(`npm run bench -- <name>\n\n${usages.map((usage) => `  ${usage}`).join('\n\n')}`);
  process.exitCode = 2;
} else {
  try {
    await bench(args, console.log);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    console.error('(npm run bench alone lists what there is)');
    process.exitCode = 1;
  }
}
