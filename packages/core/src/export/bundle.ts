/**
 * A bundle: a model folder with all that serving it takes, which is exactly what its manifest lists. It may come from anywhere, so nothing in it is
 * believed before its size and hash were checked.
 */
import { existsSync, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import type { z } from 'zod';
import { FieldcraftError, sha256File } from '../foundation/index.js';
import {
  bundleId,
  calibrationName,
  int8Name,
  lineageName,
  manifestName,
  manifestSchema,
  quantisationName,
  scoresName,
  type BundleManifest,
  type BundlePrecision,
} from './bundle-file.js';
import {
  bundleScoresSchema,
  calibrationSchema,
  lineageSchema,
  quantisationSchema,
  type BundleScores,
  type Calibration,
  type Lineage,
  type QuantisationReport,
} from './bundle-parts.js';
import { describeLoss, tooMuch } from './int8-gate.js';
import { readJsonFile } from './json-file.js';
import { readModelFile, type ModelFile } from './model-file.js';

export interface Bundle {
  readonly folder: string;
  /** By its content: SHA-256 over the hashes of its files. */
  readonly id: string;
  readonly vertical: string | undefined;
  /** When it was written, ISO 8601; undefined for a model folder that is no bundle. */
  readonly created: string | undefined;
  readonly precisions: readonly BundlePrecision[];
  readonly model: ModelFile;
  /** Undefined for a model folder that is no bundle, as what follows. */
  readonly manifest: BundleManifest | undefined;
  readonly calibration?: Calibration | undefined;
  readonly scores?: BundleScores | undefined;
  readonly lineage?: Lineage | undefined;
  /** What the gate of its INT8 graph found. */
  readonly quantisation?: QuantisationReport | undefined;
}

/** A manifest lists names and hashes; a larger one is not one. */
const rules = { most: 4 * 1024 * 1024, what: 'a file of a bundle cannot be read' };

export const isBundle = (folder: string): boolean =>
  statSync(join(folder, manifestName), { throwIfNoEntry: false })?.isFile() === true;

/**
 * Opens a bundle: checks that its files are those of the manifest, every one whole, and none besides, and reads what it is.
 * @throws FieldcraftError FC_NOT_FOUND without a manifest; FC_FILE_FORMAT for a manifest or a file that is not understood; FC_UNSAFE_FILE for links,
 * and for files that the manifest does not list; FC_CHECKSUM, naming the file, for one that is missing, cut off or changed; FC_GATE for an INT8 graph
 * that its own gate does not let through.
 */
export async function openBundle(path: string): Promise<Bundle> {
  const { folder, manifest } = readManifest(path);
  await checkFiles(folder, manifest);
  const quantisation = readPart(folder, quantisationName, quantisationSchema);
  if (manifest.precisions.includes('int8')) checkInt8(folder, quantisation);
  const { id, vertical, created, precisions } = manifest;
  return {
    ...{ folder, id, created, precisions, manifest },
    vertical: vertical ?? undefined,
    model: readModelFile(folder),
    calibration: readPart(folder, calibrationName, calibrationSchema),
    scores: readPart(folder, scoresName, bundleScoresSchema),
    lineage: readPart(folder, lineageName, lineageSchema),
    quantisation,
  };
}

const readPart = <T>(folder: string, name: string, schema: z.ZodType<T>): T | undefined =>
  existsSync(join(folder, name)) ? readJsonFile(join(folder, name), schema, rules) : undefined;

function readManifest(path: string): { folder: string; manifest: BundleManifest } {
  const where = join(path, manifestName);
  const stat = lstatSync(where, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: 'there is no bundle',
      where,
      fix: 'write one by fieldcraft export <run> --out <folder>',
    });
  }
  if (!stat.isFile()) throw unsafe(where, 'the manifest is no file');
  const manifest = readJsonFile(where, manifestSchema, rules);
  if (bundleId(manifest.files) !== manifest.id) throw refuse(where, 'the id is not that of the files it lists');
  return { folder: realpathSync(path), manifest };
}

/** An INT8 graph comes with the figures of its gate, and they hold. */
function checkInt8(folder: string, quantisation: QuantisationReport | undefined): void {
  const where = join(folder, quantisationName);
  if (quantisation === undefined || !existsSync(join(folder, int8Name)))
    throw refuse(where, `INT8 without ${quantisation === undefined ? 'the figures of its gate' : int8Name}`);
  const { limits, tasks, bytes } = quantisation;
  const lost = tooMuch(tasks, limits);
  if (lost.length === 0 && tasks.length > 0 && bytes.ratio >= limits.smaller) return;
  throw new FieldcraftError('FC_GATE', {
    what: 'the INT8 graph of the bundle is not within its own limits',
    where,
    expected: `at most ${limits.points} points lost and at least ${100 * limits.equal} % equal predictions of each task, ${limits.smaller} times smaller`,
    got: [...lost.map((loss) => `${loss.task}: ${describeLoss(loss)}`), `${bytes.ratio.toFixed(2)} times smaller`].join(
      '; ',
    ),
    fix: 'export it again, or with --precision fp32 alone',
  });
}

async function checkFiles(folder: string, { files }: BundleManifest): Promise<void> {
  const found = listFiles(folder);
  for (const path of found) {
    if (path !== manifestName && files[path] === undefined)
      throw unsafe(join(folder, path), 'the manifest does not list this file');
  }
  const hashes = new Map<string, string>();
  for (const [path, { bytes, sha256: expected }] of Object.entries(files)) {
    const where = join(folder, path);
    const stat = lstatSync(where, { throwIfNoEntry: false });
    if (stat?.size !== bytes)
      throw changed(where, { expected: `${bytes} bytes`, got: stat ? `${stat.size} bytes` : 'no file' });
    // What several names share is read once.
    const key = `${stat.dev} ${stat.ino}`;
    const got = hashes.get(key) ?? (await sha256File(where));
    hashes.set(key, got);
    if (got !== expected) throw changed(where, { expected, got });
  }
}

/** All files below a folder, relative to it and with forward slashes. @throws FieldcraftError FC_UNSAFE_FILE for what is neither file nor folder */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = relative(folder, join(entry.parentPath, entry.name)).split(sep).join(posix.sep);
    if (entry.isDirectory()) return [];
    if (!entry.isFile()) throw unsafe(join(folder, path), 'a bundle holds files and folders, and no links');
    return [path];
  });
}

const refuse = (where: string, got: string, cause?: unknown) =>
  new FieldcraftError('FC_FILE_FORMAT', {
    what: 'a file of a bundle cannot be read',
    ...{ where, got, cause },
    fix: 'export the model again, or use the version of Fieldcraft that wrote it',
  });

const unsafe = (where: string, what: string) =>
  new FieldcraftError('FC_UNSAFE_FILE', {
    what,
    where,
    fix: 'remove it, or get the bundle again from who exported it',
  });

const changed = (where: string, parts: { expected: string; got: string }) =>
  new FieldcraftError('FC_CHECKSUM', {
    what: 'a file of the bundle is not the one that its manifest names',
    where,
    ...parts,
    fix: 'copy the bundle again, or export it again',
  });
