/** Where finished stages are kept: by a hash of everything that their result depends on, so that equal stages are trained once for all runs. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint } from '../../checkpoint/index.js';
import {
  FieldcraftError,
  sha256,
  sha256File,
  userCacheFolder,
  withLock,
  writeFileAtomic,
} from '../../foundation/index.js';
import { stageReportSchema, type StageReport } from '../../report/index.js';
import type { Base } from '../base.js';

/** Raised when equal stages would no longer give equal results. */
const stageVersion = 1;

export interface StagePlace {
  readonly key: string;
  /** The encoder that the stage leaves behind. */
  readonly model: string;
  /** Where its training keeps its state. */
  readonly work: string;
  /** What is told of it, once it is finished. */
  read(): StageReport | undefined;
  /** Marks it as finished: the encoder is there, and its state is no longer needed. */
  finish(report: StageReport): void;
  /** Lets one process at a time train it. */
  hold<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** The place of a stage; `ingredients` are everything that its result depends on, and turn into its key. */
export function placeOfStage(ingredients: unknown): StagePlace {
  const key = sha256(JSON.stringify([stageVersion, ingredients])).slice(0, 32);
  const folder = join(userCacheFolder(), 'stages', key);
  const record = join(folder, 'stage.json');
  const work = join(folder, 'work');
  return {
    key,
    model: join(folder, 'model'),
    work,
    read() {
      if (!existsSync(record)) return undefined;
      try {
        return { ...stageReportSchema.parse(JSON.parse(readFileSync(record, 'utf8'))), cached: true };
      } catch (cause) {
        throw new FieldcraftError('FC_FILE_FORMAT', {
          what: 'the record of a finished stage cannot be read',
          where: record,
          got: String(cause),
          fix: `remove ${folder}: the stage is then trained anew`,
          cause,
        });
      }
    },
    finish(report) {
      writeFileAtomic(record, JSON.stringify(report, null, 2));
      rmSync(work, { recursive: true, force: true });
    },
    hold: (run, signal) => {
      mkdirSync(work, { recursive: true });
      return withLock(join(folder, 'stage.lock'), run, signal);
    },
  };
}

/** What tells an encoder from others: its weights, its shape and its tokenizer; of one from scratch there are no weights yet. How heads read it does not. */
export async function encoderFingerprint({ folder, config, tokenizer }: Base): Promise<string> {
  const weights = folder === undefined ? [] : await Promise.all(filesOf(folder).map(sha256File));
  const { classifier_pooling: _, ...shape } = config;
  return sha256(JSON.stringify([weights, shape, tokenizer.hash]));
}

function filesOf(folder: string): readonly string[] {
  const source = openCheckpoint(folder);
  source.close();
  return source.files;
}
