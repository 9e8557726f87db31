/** Writes a bundle: whole, checked by whoever asks, and only then in its place. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { coreVersion, sha256File, writeFileAtomic } from '../foundation/index.js';
import { writeCheckedFolder } from './atomic-folder.js';
import { listFiles } from './bundle.js';
import {
  bundleId,
  calibrationName,
  int8Name,
  lineageName,
  manifestName,
  quantisationName,
  scoresName,
  type BundleManifest,
} from './bundle-file.js';
import type { BundleScores, Calibration, Lineage, QuantisationReport } from './bundle-parts.js';
import { copyDifference } from './difference.js';
import { saveHuggingFaceFolders, type HuggingFaceOptions } from './hf-folder.js';
import { modelFiles, type TrainedModel } from './model-folder.js';

export interface BundleContent {
  readonly model: TrainedModel;
  readonly vertical: string | undefined;
  /** The README.md. */
  readonly card: string;
  readonly lineage: Lineage;
  readonly calibration: Calibration;
  readonly scores: BundleScores | undefined;
  /** The graph in 8 bits, and what its gate found. */
  readonly int8?: { readonly onnx: Uint8Array; readonly report: QuantisationReport } | undefined;
  /** Given, a folder a task for other programs is added. */
  readonly huggingFace?: HuggingFaceOptions | undefined;
  /** Folder of a difference that is the model: it is kept in place of all weights. */
  readonly difference?: string | undefined;
}

/**
 * Writes `folder`, all or nothing; one of that name is replaced. `check` sees the whole bundle before it is put in place, and may throw.
 * @throws FieldcraftError FC_DISK where it cannot write; as `saveModelFolder`; and what `check` throws.
 */
export async function saveBundle(
  folder: string,
  content: BundleContent,
  check: (folder: string) => Promise<void> = () => Promise.resolve(),
): Promise<BundleManifest> {
  let manifest: BundleManifest | undefined;
  await writeCheckedFolder(folder, async (temporary) => {
    writeParts(temporary, content);
    manifest = await manifestOf(temporary, content);
    writeFileAtomic(join(temporary, manifestName), asJson(manifest));
    await check(temporary);
  });
  return manifest!;
}

function writeParts(folder: string, { model, card, int8, huggingFace, difference, ...parts }: BundleContent): void {
  if (difference === undefined) modelFiles(model)(folder);
  else copyDifference(difference, folder);
  const write = (name: string, value: string | Uint8Array) => writeFileAtomic(join(folder, name), value);
  write('README.md', card);
  write(lineageName, asJson(parts.lineage));
  write(calibrationName, asJson(parts.calibration));
  if (parts.scores) write(scoresName, asJson(parts.scores));
  if (int8) {
    write(int8Name, int8.onnx);
    write(quantisationName, asJson(int8.report));
  }
  if (huggingFace) saveHuggingFaceFolders(join(folder, 'hf'), model, huggingFace);
}

async function manifestOf(folder: string, { vertical, int8 }: BundleContent): Promise<BundleManifest> {
  const files: Record<string, { bytes: number; sha256: string }> = {};
  for (const path of listFiles(folder).sort()) {
    const where = join(folder, path);
    files[path] = { bytes: statSync(where).size, sha256: await sha256File(where) };
  }
  return {
    version: 1,
    createdBy: `fieldcraft ${coreVersion()}`,
    created: new Date().toISOString(),
    vertical: vertical ?? null,
    id: bundleId(files),
    precisions: int8 ? ['fp32', 'int8'] : ['fp32'],
    files,
  };
}

const asJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
