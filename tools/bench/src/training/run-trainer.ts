/** Starts a trainer as a process of its own and reads its result. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { foundation } from '@fieldcraft/core/internals';
import type { PythonNeeds } from '../python.js';
import { resultSchema, type TrainerResult } from './result.js';
import { settingsToArguments, type Settings } from './settings.js';

/** A trainer under comparison. */
export interface Variant {
  readonly title: string;
  readonly trainer: 'fieldcraft' | 'hf';
  /** What this trainer alone is told. */
  readonly flags: readonly string[];
}

const ourScript = fileURLToPath(new URL('./our-trainer.js', import.meta.url));
const peerScript = fileURLToPath(new URL('../../hf_trainer.py', import.meta.url));
/** What the peer needs. */
export const pythonTrainer: PythonNeeds = {
  modules: ['torch', 'transformers', 'accelerate', 'sklearn', 'seqeval'],
  what: 'the comparison needs Python with Hugging Face Trainer',
  install: '"transformers>=5" torch accelerate scikit-learn seqeval',
};

/** Trains once. @throws FieldcraftError FC_ENGINE with what the process said, if it failed */
export async function runTrainer(
  { trainer, flags }: Variant,
  settings: Settings,
  python: string,
): Promise<TrainerResult> {
  const args = [...settingsToArguments(settings), ...flags];
  const [program, argv] = trainer === 'hf' ? [python, [peerScript, ...args]] : [process.execPath, [ourScript, ...args]];
  const { code, stdout, stderr } = await collect(program, argv);
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (code === 0 && line.startsWith('{')) return resultSchema.parse(JSON.parse(line));
  throw new foundation.FieldcraftError('FC_ENGINE', {
    what: 'a trainer of the benchmark failed',
    where: [program, ...argv].join(' '),
    got: stderr.trim().split('\n').slice(-12).join('\n') || `exit status ${code}`,
  });
}

function collect(program: string, argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  // Everything is on this machine: the hub need not be asked whether it has something newer.
  const env = { ...process.env, HF_HUB_OFFLINE: '1', TOKENIZERS_PARALLELISM: 'true' };
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}
