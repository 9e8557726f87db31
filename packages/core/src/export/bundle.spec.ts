/** A bundle is exactly what its manifest says, or it is refused with the file named. */
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sha256 } from '../foundation/index.js';
import {
  createAbstention,
  encodeServed,
  isBundle,
  loadBundle,
  loadPredictor,
  openBundle,
  saveBundle,
  taskOf,
  type BundleContent,
  type QuantisationReport,
} from './index.js';
import { bundleId } from './bundle-file.js';
import { choosePrecision } from './bundle-predictor.js';
import { loadModelFolder, openModelFolder } from './model-folder.js';
import { createTestModel, texts } from './test-model.js';

const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-bundle-'));
afterAll(() => rmSync(temporary, { recursive: true }));
const folder = join(temporary, 'bundle');
const model = createTestModel();
const heads = model.tasks.map((saved) => ({ task: taskOf(saved), output: saved.name }));
/** As its gate would write it. */
const report: QuantisationReport = {
  limits: { points: 0.5, equal: 0.99, moved: 0.15, smaller: 2 },
  ...{ weightBits: 8, bytes: { fp32: 4, int8: 1, ratio: 4 }, kept: [], sensitivity: [], tried: 2 },
  tasks: [{ task: 'clauses', mainMetric: 'macroF1', fp32: 0.5, int8: 0.5, pointsLost: 0, equal: 1 }],
};
const content: BundleContent = {
  ...{ model, vertical: 'legal', card: '# Card\n', scores: undefined },
  lineage: {
    ...{ version: 1, run: 'r', started: null, command: null, commit: 'abc', config: null, data: {}, base: null },
    ...{ tokenizer: model.tokenizer.hash, parent: null },
  },
  calibration: {
    version: 1,
    tasks: {
      clauses: {
        examples: 200,
        lac: [{ coverage: 0.9, threshold: 0.2 }],
        aps: [{ coverage: 0.9, threshold: 1 }],
      },
    },
    notes: [],
  },
  int8: { onnx: encodeServed(model, { heads, precision: 'int8' }), report },
};
beforeAll(async () => {
  await saveBundle(folder, content);
});

test('it is what was put into it, and a model folder too', async () => {
  const bundle = await openBundle(folder);
  expect(bundle).toMatchObject({ vertical: 'legal', precisions: ['fp32', 'int8'], calibration: content.calibration });
  expect(bundle.quantisation).toEqual(report);
  expect(bundle.lineage?.commit).toBe('abc');
  expect(bundle.model.tasks.map(({ name }) => name)).toEqual(['clauses', 'unfair-terms', 'entities']);
  expect(readdirSync(folder).sort()).toEqual(Object.keys(bundle.manifest!.files).concat('manifest.json').sort());
  const predictor = await loadPredictor(folder, { threads: 1 });
  const served = await loadBundle(folder, { precision: 'fp32', threads: 1 });
  const [expected, got] = [await predictor.predict('clauses', texts), await served.predict('clauses', texts)];
  expect(got.map((one) => 'label' in one && one.label)).toEqual(expected.map((one) => 'label' in one && one.label));
  await predictor.release();
  await served.release();
});

test('INT8 is what is loaded unless asked otherwise', async () => {
  const served = await loadBundle(folder, { threads: 1 });
  expect(served.precision).toBe('int8');
  const [found] = await served.analyze(texts.slice(0, 1));
  expect(Object.keys(found!)).toEqual(['clauses', 'unfair-terms', 'entities']);
  const assess = createAbstention(served.bundle);
  const { confidence, predictionSet, needsReview } = assess('clauses', found!['clauses']!);
  expect(confidence).toBeGreaterThan(1 / 3);
  expect(needsReview).toBe(predictionSet?.length !== 1);
  expect(assess('unfair-terms', found!['unfair-terms']!)).not.toHaveProperty('needsReview');
  expect(assess('clauses', found!['clauses']!, { coverage: 0.99 })).not.toHaveProperty('predictionSet');
  await served.release();
});

test('equal content has an equal id; what fails on the way leaves what was there', async () => {
  const other = join(temporary, 'other');
  const { id } = await saveBundle(other, content);
  expect(id).toBe((await openBundle(folder)).id);
  await expect(
    saveBundle(other, { ...content, card: '# Other\n' }, () => Promise.reject(new Error('no'))),
  ).rejects.toThrow();
  expect(readFileSync(join(other, 'README.md'), 'utf8')).toBe('# Card\n');
  expect(readdirSync(temporary).filter((name) => name.startsWith('.'))).toEqual([]);
});

/** Fields of a manifest, after a change. */
function rewrite(
  at: string,
  change: (manifest: { files: Record<string, { bytes: number; sha256: string }>; id: string }) => void,
): void {
  const path = join(at, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Parameters<typeof change>[0];
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

/** Changes a file as somebody would who can write a manifest too. */
function forge(at: string, name: string, content: string | undefined): void {
  const path = join(at, name);
  if (content === undefined) unlinkSync(path);
  else writeFileSync(path, content);
  rewrite(at, (manifest) => {
    if (content === undefined) delete manifest.files[name];
    else manifest.files[name] = { bytes: Buffer.byteLength(content), sha256: sha256(content) };
    manifest.id = bundleId(manifest.files);
  });
}

const attacks: Record<string, { does: (at: string) => void; code: string; names: string }> = {
  'a byte more': {
    does: (at) => appendFileSync(join(at, 'model.safetensors'), 'x'),
    code: 'FC_CHECKSUM',
    names: 'model.safetensors',
  },
  'cut off': {
    does: (at) => truncateSync(join(at, 'model-int8.onnx'), 100),
    code: 'FC_CHECKSUM',
    names: 'model-int8.onnx',
  },
  'a byte changed': {
    does(at) {
      const bytes = readFileSync(join(at, 'model.onnx'));
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(join(at, 'model.onnx'), bytes);
    },
    ...{ code: 'FC_CHECKSUM', names: 'model.onnx' },
  },
  'a file swapped': {
    does: (at) => copyFileSync(join(at, 'lineage.json'), join(at, 'calibration.json')),
    ...{ code: 'FC_CHECKSUM', names: 'calibration.json' },
  },
  'a file gone': { does: (at) => unlinkSync(join(at, 'tokenizer.json')), code: 'FC_CHECKSUM', names: 'tokenizer.json' },
  'a file more': { does: (at) => writeFileSync(join(at, 'more.bin'), ''), code: 'FC_UNSAFE_FILE', names: 'more.bin' },
  'a link out': { does: (at) => symlinkSync('/etc/hostname', join(at, 'link')), code: 'FC_UNSAFE_FILE', names: 'link' },
  'a path out': {
    does: (at) =>
      rewrite(at, (manifest) => {
        manifest.files['../x'] = { bytes: 1, sha256: 'a'.repeat(64) };
        manifest.id = bundleId(manifest.files);
      }),
    ...{ code: 'FC_FILE_FORMAT', names: 'manifest.json' },
  },
  'another id': {
    does: (at) => rewrite(at, (manifest) => (manifest.id = 'a'.repeat(64))),
    code: 'FC_FILE_FORMAT',
    names: 'manifest.json',
  },
  'INT8 without the figures of its gate': {
    does: (at) => forge(at, 'quantisation.json', undefined),
    ...{ code: 'FC_FILE_FORMAT', names: 'quantisation.json' },
  },
  'INT8 that loses more than its gate allows': {
    does: (at) =>
      forge(
        at,
        'quantisation.json',
        JSON.stringify({ ...report, tasks: report.tasks.map((task) => ({ ...task, pointsLost: 0.6 })) }),
      ),
    ...{ code: 'FC_GATE', names: 'quantisation.json' },
  },
  'INT8 that is hardly smaller': {
    does: (at) =>
      forge(at, 'quantisation.json', JSON.stringify({ ...report, bytes: { fp32: 3, int8: 2, ratio: 1.5 } })),
    ...{ code: 'FC_GATE', names: 'quantisation.json' },
  },
  'no JSON': {
    does: (at) => writeFileSync(join(at, 'manifest.json'), '{'),
    code: 'FC_FILE_FORMAT',
    names: 'manifest.json',
  },
  'a manifest that is a link': {
    does(at) {
      cpSync(join(at, 'manifest.json'), join(at, 'm.json'));
      unlinkSync(join(at, 'manifest.json'));
      symlinkSync('m.json', join(at, 'manifest.json'));
    },
    ...{ code: 'FC_UNSAFE_FILE', names: 'manifest.json' },
  },
};

test.each(Object.entries(attacks))('%s: refused', async (name, { does, code, names }) => {
  const at = join(temporary, name.replaceAll(' ', '-'));
  cpSync(folder, at, { recursive: true });
  does(at);
  await expect(openBundle(at)).rejects.toMatchObject({ code, parts: { where: join(at, names) } });
});

test('INT8 is not run where its products overflow: single precision is, or what was asked for is refused', async () => {
  const bundle = await openBundle(folder);
  const overflow = () => Promise.resolve(true);
  const { precision, notes } = await choosePrecision(bundle, { asked: undefined, overflow });
  expect([precision, notes]).toEqual(['fp32', [expect.stringContaining('overflow')]]);
  await expect(choosePrecision(bundle, { asked: 'int8', overflow })).rejects.toMatchObject({ code: 'FC_DEVICE' });
  const exact = { ...bundle, quantisation: { ...report, weightBits: 7 as const } };
  expect(await choosePrecision(exact, { asked: undefined, overflow })).toEqual({ precision: 'int8', notes: [] });
  expect((await choosePrecision(bundle, { asked: undefined, overflow: () => Promise.resolve(false) })).precision).toBe(
    'int8',
  );
  const single = { ...bundle, precisions: ['fp32'] as const };
  await expect(choosePrecision(single, { asked: 'int8', overflow })).rejects.toMatchObject({ code: 'FC_CONFIG' });
});

test('weights that are read when they are asked for are those that are read at once', () => {
  const [loaded, opened] = [loadModelFolder(folder), openModelFolder(folder)];
  for (const name of loaded.store.slots.keys()) expect(opened.weight(name)).toEqual(loaded.weight(name));
  expect(() => opened.weight('nothing')).toThrow(/no weights nothing/);
});

test('no bundle', async () => {
  expect(isBundle(temporary)).toBe(false);
  await expect(openBundle(temporary)).rejects.toMatchObject({ code: 'FC_NOT_FOUND' });
});
