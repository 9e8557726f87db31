/** The case that a vertical's recommended encoder, laid out as such encoders are published, is found by `--base field` and trains. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { loadReport } from '../report/index.js';
import { executeRun } from '../run/index.js';
import type { Vertical } from '../tasks/index.js';

/** A pytorch_model.bin of 2019, a config.json without model_type, a vocab.txt and nothing else: how SciBERT and LegalBERT lie on the hub. */
const layout = 'fixtures/as-published/bert-legacy-pickle-uncased';

/**
 * Declares the case, for a vertical that recommends an encoder and ships samples. A folder of random weights in that layout stands in for the
 * encoder, in a mirror of its own under the encoder's hub id; the first task with samples trains on them for some steps. Needs FIELDCRAFT_MIRROR.
 */
export function describeFieldBase(vertical: Vertical, places: { folder: string; cards: string }): void {
  const { name, fieldBase, tasks } = vertical;
  const task = Object.entries(tasks).find(([, { samples }]) => samples !== undefined)?.[0];
  if (fieldBase === undefined || task === undefined) return;
  const published = join(process.env['FIELDCRAFT_MIRROR'] ?? '', layout);
  const here = process.env['FIELDCRAFT_MIRROR'] !== undefined && existsSync(published);

  (here ? test : test.skip)(
    `--base field takes ${fieldBase} as it is published, and trains it${here ? '' : ' (skipped: FIELDCRAFT_MIRROR is not set)'}`,
    async () => {
      const [before, environment] = [process.cwd(), { ...process.env }];
      const root = realpathSync(mkdtempSync(join(tmpdir(), `fieldcraft-${name}-base-`)));
      try {
        writeFileSync(join(root, 'nx.json'), '{}');
        cpSync(places.cards, join(root, 'data-cards'), { recursive: true });
        const standIn = join(root, 'mirror', 'models', fieldBase);
        mkdirSync(dirname(standIn), { recursive: true });
        cpSync(published, standIn, { recursive: true });
        process.chdir(root);
        Reflect.deleteProperty(process.env, 'HF_HUB_CACHE');
        Object.assign(process.env, {
          ...{ FIELDCRAFT_MIRROR: 'mirror', FIELDCRAFT_CACHE: join(root, 'cache') },
          ...{ HF_HOME: join(root, 'hf'), HF_HUB_OFFLINE: '1' },
        });
        const options = { base: 'field', tasks: [task], profile: 'quick' as const, epochs: 0.5, maxLength: 32 };
        const request = {
          options: { ...options, threads: 1 },
          verticalModule: pathToFileURL(join(places.folder, 'dist', 'vertical.js')).href,
        };
        const { folder } = await executeRun(request, { emit: () => undefined, stopRequested: () => false });
        const report = loadReport(join(folder, 'report.json'));
        expect(report.base).toMatchObject({ id: fieldBase, source: 'mirror' });
        const stated = vertical.bases.find((base) => base.name === fieldBase);
        expect(JSON.stringify(report)).toContain(stated?.licence);
        expect(report.warnings.filter((warning) => warning.includes('started at random'))).toEqual([]);
      } finally {
        process.chdir(before);
        Object.assign(process.env, environment);
        rmSync(root, { recursive: true });
      }
    },
    60_000,
  );
}
