/** The manifest of a bundle: every file of the folder with its size and SHA-256, and what the bundle is. */
import { z } from 'zod';
import { sha256 } from '../foundation/index.js';

export const bundlePrecisions = ['fp32', 'int8'] as const;
export type BundlePrecision = (typeof bundlePrecisions)[number];

export const manifestName = 'manifest.json';
/** The graph with its weights in 8 bits, in one file. */
export const int8Name = 'model-int8.onnx';
export const calibrationName = 'calibration.json';
export const scoresName = 'scores.json';
export const lineageName = 'lineage.json';
export const quantisationName = 'quantisation.json';

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hexadecimal');

/** Below the folder, with forward slashes; no part begins with a dot, so nothing leads out of it and nothing is hidden. */
const filePath = z
  .string()
  .max(300)
  .regex(/^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*){0,5}$/, 'a path inside the folder');

/** No file of a model is larger. */
const largestFile = 64 * 1024 ** 3;

export const manifestSchema = z.strictObject({
  /** Of the layout of the folder; raised when an older reader would misread a newer bundle. */
  version: z.literal(1),
  /** The program that wrote it. */
  createdBy: z.string().max(200),
  created: z.iso.datetime(),
  /** The field that the model is for; null where it is not of a field. */
  vertical: z.string().max(100).nullable(),
  /** SHA-256 over paths and hashes of all files: equal for bundles of the same content. */
  id: digest,
  precisions: z.array(z.enum(bundlePrecisions)).min(1),
  files: z
    .record(filePath, z.strictObject({ bytes: z.int().min(0).max(largestFile), sha256: digest }))
    .refine((files) => Object.keys(files).length <= 10_000, 'at most 10,000 files'),
});
export type BundleManifest = Readonly<z.output<typeof manifestSchema>>;

/** What a bundle is called by what is in it. */
export const bundleId = (files: BundleManifest['files']): string =>
  sha256(
    Object.entries(files)
      .map(([path, file]) => `${file.sha256}  ${path}\n`)
      .sort()
      .join(''),
  );
