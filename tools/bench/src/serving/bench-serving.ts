/** `npm run bench -- serving`: our server in INT8 and fp32, and others with the same INT8 model, under the same load in one run. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { foundation } from '@fieldcraft/core/internals';
import { listOf, numberOf } from '../arguments.js';
import { findPython } from '../python.js';
import { openBareSession, type BareSession } from './bare-session.js';
import { measureOneByOne, measureServers, type Cell } from './measure-servers.js';
import { prepareBundle, prepareShape, type ServedForms } from './served-models.js';
import {
  ourServer,
  pythonServer,
  startServer,
  transformersServer,
  type RunningServer,
  type ServerKind,
} from './servers.js';
import { formatBars, formatCells, type ModelFigures } from './serving-tables.js';
import { equalTexts, mixedTexts, type TextSet } from './texts.js';

export const servingUsage = `serving [--against python,transformersjs] [--only minilm,bert-base] [--model BUNDLE] [--seconds 6] [--rounds 2] [--threads 2]
           [--starts 3] [--in-flight 32] [--out FILE]
           throughput, p50 and p99 of our server in INT8 and fp32 under full load, and at 50 % and 90 % of it as requests come by chance;
           what HTTP adds to the bare session; start to ready; sizes. MiniLM, with --model that bundle in its place, also against FastAPI on
           uvicorn with ONNX Runtime (needs Python, FIELDCRAFT_PYTHON) and @huggingface/transformers; and BERT-base with random weights.
           --out appends a line of JSON for each server and set of texts. About 10 minutes on a quiet machine`;

const peers = ['python', 'transformersjs'] as const;
const contestants = ['minilm', 'bert-base'] as const;
/** Requests that share a run of the FastAPI server where it batches. */
const peerBatch = 16;

/** @throws FieldcraftError for options that do not make sense, missing models or Python, or a server that does not start */
export async function benchServing(args: readonly string[], print: (line: string) => void): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      against: { type: 'string', default: '' },
      only: { type: 'string', default: contestants.join(',') },
      model: { type: 'string' },
      seconds: { type: 'string', default: '6' },
      rounds: { type: 'string', default: '2' },
      threads: { type: 'string', default: '2' },
      starts: { type: 'string', default: '3' },
      'in-flight': { type: 'string', default: '32' },
      out: { type: 'string' },
    },
  });
  const whole = (option: 'rounds' | 'threads' | 'starts' | 'in-flight') =>
    numberOf(option, values[option], { whole: true });
  const against = namesOf('against', values.against, peers);
  const only = namesOf('only', values.only, contestants);
  const options: Options = {
    ...{ seconds: numberOf('seconds', values.seconds), rounds: whole('rounds'), threads: whole('threads') },
    ...{ starts: whole('starts'), inFlight: whole('in-flight') },
    python: against.includes('python') ? findPython(pythonPeer) : undefined,
    transformers: against.includes('transformersjs'),
  };
  const began = performance.now();
  print(
    `${options.threads} threads a server (of ours workers of one thread each), ${availableParallelism()} cores (${cpus()[0]?.model.trim()}), load average ${loadavg()[0]!.toFixed(2)}`,
  );
  for (const name of only) {
    const scratch = mkdtempSync(join(tmpdir(), 'fieldcraft-bench-'));
    try {
      const forms =
        name === 'minilm' && values.model !== undefined
          ? await prepareBundle(values.model, scratch)
          : await prepareShape(name, scratch);
      const figures = await measureModel({ forms, options, compared: name === 'minilm', scratch, print });
      for (const line of formatBars(figures, { compared: name === 'minilm' })) print(line);
      print('');
      if (values.out !== undefined)
        for (const cell of figures.cells) appendFileSync(values.out, recordOf(cell, { figures, options }));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  print(`${((performance.now() - began) / 60_000).toFixed(1)} minutes`);
}

const pythonPeer = {
  modules: ['onnxruntime', 'tokenizers', 'fastapi', 'uvicorn'],
  what: 'the comparison needs Python with FastAPI and ONNX Runtime',
  install: 'onnxruntime tokenizers fastapi "uvicorn[standard]"',
};

function namesOf<T extends string>(option: string, value: string, known: readonly T[]): T[] {
  const asked = listOf(value);
  const unknown = asked.find((name) => !known.some((one) => one === name));
  if (unknown === undefined) return known.filter((name) => asked.includes(name));
  throw new foundation.FieldcraftError('FC_CONFIG', {
    what: 'an option is not valid',
    ...{ where: `--${option}`, expected: known.join(','), got: unknown },
  });
}

interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly threads: number;
  readonly starts: number;
  readonly inFlight: number;
  readonly python: string | undefined;
  readonly transformers: boolean;
}

interface ModelOptions {
  readonly forms: ServedForms;
  readonly options: Options;
  /** With the peers and with texts of mixed lengths. */
  readonly compared: boolean;
  readonly scratch: string;
  readonly print: (line: string) => void;
}

async function measureModel({ forms, options, compared, scratch, print }: ModelOptions): Promise<ModelFigures> {
  const { python, transformers, threads, starts, rounds } = options;
  const kind = { forms, threads };
  const ours = ourServer(kind, { precision: 'int8', scratch: join(scratch, 'int8') });
  const kinds: ServerKind[] = [ours, ourServer(kind, { precision: 'fp32', scratch: join(scratch, 'fp32') })];
  if (compared && python !== undefined)
    kinds.push(pythonServer(kind, { python, batch: 1 }), pythonServer(kind, { python, batch: peerBatch }));
  if (compared && transformers) kinds.push(transformersServer(kind));

  print(`${forms.title}`);
  const startSeconds: number[] = [];
  for (let start = 0; start < starts; start++) {
    const server = await startServer(ours);
    startSeconds.push(server.startSeconds);
    await server.stop();
  }
  const sets = [await equalTexts(128, forms.tokenizer)];
  if (compared) sets.push(await mixedTexts(forms.maxLength, forms.tokenizer));
  const servers: RunningServer[] = [];
  let bare: BareSession | undefined;
  let fastest: BareSession | undefined;
  try {
    for (const one of kinds) servers.push(await startServer(one));
    const equalAnswers = await compareAnswers(servers, sets);
    const text = sets[0]!.texts[0]!;
    // As a worker has it, which answers a request by one thread; and as fast as one text can be answered.
    bare = await openBareSession(forms, { threads: 1, text });
    fastest = await openBareSession(forms, { threads, text });
    const oneByOne = await measureOneByOne({
      ...{ server: servers[0]!, bare, fastest },
      texts: sets[0]!.texts,
      seconds: options.seconds,
    });
    const cells: Cell[] = [];
    for (const set of sets) {
      const found = await measureServers({ servers, set, ...options });
      cells.push(...found);
      print(`  ${set.title} (${set.meanTokens.toFixed(1)} on average), ${rounds} rounds in turn`);
      for (const line of formatCells(found)) print(`  ${line}`);
      print('');
    }
    return { forms, startSeconds, oneByOne, cells, equalAnswers };
  } finally {
    await bare?.release();
    await fastest?.release();
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** The share of texts that each server answers as the first does: they are to serve the same model. */
async function compareAnswers(servers: readonly RunningServer[], sets: readonly TextSet[]): Promise<number[]> {
  const texts = sets.flatMap((set) => set.texts.slice(0, 32));
  const answers: string[][] = [];
  for (const server of servers) {
    const labels: string[] = [];
    for (const text of texts) labels.push(await server.ask(text));
    answers.push(labels);
  }
  return answers.map((labels) => labels.filter((label, i) => label === answers[0]![i]).length / texts.length);
}

/** One line of the file that keeps results. */
function recordOf(cell: Cell, { figures, options }: { figures: ModelFigures; options: Options }): string {
  const { forms, startSeconds, oneByOne } = figures;
  const { seconds, rounds, threads, inFlight } = options;
  const machine = { cpu: cpus()[0]?.model.trim(), cores: availableParallelism() };
  return `${JSON.stringify({
    date: new Date().toISOString(),
    ...{
      model: forms.title,
      bytes: forms.bytes,
      blocks: forms.blocks,
      kept: forms.kept,
      seconds,
      rounds,
      ...{ workers: threads, workerThreads: 1, peerThreads: threads },
      inFlight,
      machine,
    },
    ...(cell.server === figures.cells[0]?.server && { startSeconds, oneByOne }),
    ...cell,
  })}\n`;
}
