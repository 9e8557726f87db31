/** `npm run verify -- stages [NAME ...]`: the graph of every stage of a curriculum computes the gradients that float64 differences say. */
import { foundation } from '@fieldcraft/core/internals';
import { createChecks, type Measure } from './checks.js';
import { adapterCases } from './stages/adapter-cases.js';
import { adversarialCases } from './stages/adversarial-cases.js';
import { distillationCases } from './stages/distillation-cases.js';
import { domainCases } from './stages/domain-cases.js';
import { maskedWordsCases } from './stages/masked-words-cases.js';
import { mixupCases } from './stages/mixup-cases.js';
import { stepCases } from './stages/step-cases.js';

/** What a case finds; it passes if every measure is within its bound. */
export type StageCase = () => Promise<readonly Measure[]>;

/** A stage brings its cases as one object, named `stage/case`. */
const cases: Readonly<Record<string, StageCase>> = {
  ...stepCases,
  ...maskedWordsCases,
  ...adapterCases,
  ...adversarialCases,
  ...domainCases,
  ...distillationCases,
  ...mixupCases,
};

export const stagesUsage =
  'stages [NAME ...]    gradients of the graphs of every stage, or of those whose name begins so, against float64 differences';

/**
 * Runs the cases, or those whose names begin with one of `names`; true if all hold.
 * @throws FieldcraftError FC_CONFIG where a name fits none
 */
export async function checkStages(names: readonly string[], print: (line: string) => void): Promise<boolean> {
  const known = Object.keys(cases);
  const unknown = names.find((name) => !known.some((one) => one.startsWith(name)));
  if (unknown !== undefined) {
    throw new foundation.FieldcraftError('FC_CONFIG', {
      what: 'there is no such case',
      expected: known.join(', '),
      got: unknown,
    });
  }
  const checks = createChecks(print);
  for (const [name, run] of Object.entries(cases)) {
    if (names.length > 0 && !names.some((wanted) => name.startsWith(wanted))) continue;
    try {
      checks.report(name, [...(await run())]);
    } catch (error) {
      checks.fail(name, error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, '; ') : String(error));
    }
  }
  return checks.finish();
}
