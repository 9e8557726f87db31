/**
 * `npm run verify -- bundle [RUN|BUNDLE ...]`: exported bundles opened by the programs that are not ours, their logits beside those that we serve, and
 * what INT8 costs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportRun, formatBytes, loadReport } from '@fieldcraft/core';
import { exports } from '@fieldcraft/core/internals';
import { env } from '@huggingface/transformers';
import type { MakeRequest } from './bundle/make-bundle.js';
import { createChecks, type Checks } from './checks.js';
import { checkFolder, type Score } from './interop.js';
import { modelsToCheck } from './interop/models.js';
import { fields, findBase, makeWorkspace, samplesOnly, verticalModule } from './own-workspace.js';
import { requirePython } from './python.js';

export const bundleUsage =
  'bundle [RUN|BUNDLE ...]   bundles in Python transformers, onnxruntime and @huggingface/transformers, and what INT8 costs';

/**
 * Checks bundles, those of runs (which are exported first), or one of each field's samples and one with a head of every kind; true if all hold.
 * @throws FieldcraftError FC_NOT_FOUND where Python or its libraries are missing, or a bundle was exported without --hf.
 */
export async function checkBundles(given: readonly string[], print: (line: string) => void): Promise<boolean> {
  const libraries = requirePython(['transformers', 'torch', 'onnxruntime']);
  print(`with ${libraries.join(', ')}, @huggingface/transformers ${env.version}`);
  const checks = createChecks(print);
  const work = mkdtempSync(join(tmpdir(), 'fieldcraft-bundle-'));
  try {
    for (const [i, path] of given.entries()) {
      print(`\n${path}:`);
      await checkBundle(exports.isBundle(path) ? path : await exported(path, join(work, String(i))), checks);
    }
    if (given.length === 0) await checkOwn(work, checks, print);
    return checks.finish();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function exported(run: string, out: string): Promise<string> {
  const report = join(exports.resolveRunFolder(run), 'report.json');
  const vertical = existsSync(report) ? loadReport(report).run.vertical : undefined;
  const module = vertical === undefined ? {} : { verticalModule: verticalModule(vertical) };
  await exportRun({ folder: run, out, huggingFace: true, ...module }, () => undefined);
  return out;
}

async function checkOwn(work: string, checks: Checks, print: (line: string) => void): Promise<void> {
  print('\na head of every kind, of random weights:');
  await checkBundle(await everyKind(join(work, 'every-kind')), checks);
  const base = await findBase();
  for (const field of fields) {
    print(`\n${field}, trained on its samples from ${base === undefined ? 'scratch' : basename(base)}:`);
    const workspace = makeWorkspace();
    try {
      const request: MakeRequest = { verticalModule: verticalModule(field), base, folder: workspace };
      const script = fileURLToPath(new URL('./bundle/make-bundle.js', import.meta.url));
      const { status, stderr } = spawnSync(process.execPath, [script, JSON.stringify(request)], {
        ...{ cwd: workspace, encoding: 'utf8', env: { ...process.env, ...samplesOnly(workspace) } },
      });
      if (status === 0) await checkBundle(join(workspace, 'bundle'), checks);
      else checks.fail(`${field}: export`, stderr.trim());
    } finally {
      rmSync(workspace, { recursive: true, force: true });
    }
  }
}

async function everyKind(folder: string): Promise<string> {
  const [{ model }] = modelsToCheck() as [ReturnType<typeof modelsToCheck>[number]];
  const { base, tokenizer } = model;
  const unknown = { run: null, started: null, command: null, commit: null, config: null, parent: null };
  await exports.saveBundle(folder, {
    ...{ model, vertical: undefined, scores: undefined, card: '# Random weights\n', huggingFace: {} },
    lineage: { version: 1, ...unknown, data: {}, base, tokenizer: tokenizer.hash },
    calibration: { version: 1, tasks: {}, notes: [] },
  });
  return folder;
}

async function checkBundle(folder: string, checks: Checks): Promise<void> {
  const bundle = await exports.loadBundle(folder, { precision: 'fp32' });
  try {
    const { id, manifest, quantisation } = bundle.bundle;
    checks.pass('manifest', `${Object.keys(manifest?.files ?? {}).length} files are what it says, ${id.slice(0, 16)}`);
    const score: Score = async ({ name }, features) =>
      (await bundle[exports.servedLogits]([{ task: name, features }]))[0]!;
    await checkFolder({ folder, hf: join(folder, 'hf'), score }, checks);
    if (quantisation) checkLosses(quantisation, checks);
    else checks.skip('INT8', 'the bundle has none');
  } finally {
    await bundle.release();
  }
}

/** The figures that the gate of the INT8 graph was held with. */
function checkLosses(
  { limits, tasks, bytes, blocks = [], kept, weightBits }: exports.QuantisationReport,
  checks: Checks,
): void {
  const failed = exports.tooMuch(tasks, limits);
  for (const loss of tasks) {
    if (failed.includes(loss)) checks.fail(`${loss.task}: INT8`, exports.describeLoss(loss));
    else checks.pass(`${loss.task}: INT8`, exports.describeLoss(loss));
  }
  const size = `${formatBytes(bytes.fp32)} -> ${formatBytes(bytes.int8)}, ${bytes.ratio.toFixed(2)} times smaller`;
  const stayed = kept.length === 0 ? 'everything' : `everything but ${kept.join(', ')}`;
  checks.pass('INT8: size', `${size}, ${stayed} in ${weightBits} bits, ${blocks.length} weights of it by blocks`);
}
