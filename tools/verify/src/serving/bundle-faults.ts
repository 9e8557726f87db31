/** Bundles whose files were changed, cut off or swapped: refused at start, and refused under load while the model before answers every request. */
import { appendFileSync, copyFileSync, cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServingCheck } from '../serving.js';
import { eventually, inParallel, startServer } from './start-server.js';

type Damage = (folder: string) => void;

const damages: Readonly<Record<string, Damage>> = {
  'a byte more': (folder) => appendFileSync(join(folder, 'model.safetensors'), 'x'),
  'a byte changed'(folder) {
    const path = join(folder, 'model-int8.onnx');
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(path, bytes);
  },
  'cut off': (folder) => truncateSync(join(folder, 'model-int8.onnx'), 1_000),
  'the tokenizer swapped'(folder) {
    const path = join(folder, 'tokenizer.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"the"', '"eht"').replace('"of"', '"fo"'));
  },
  'a file in the place of another': (folder) =>
    copyFileSync(join(folder, 'lineage.json'), join(folder, 'quantisation.json')),
  'a file gone': (folder) => rmSync(join(folder, 'quantisation.json')),
  'another manifest': (folder) => writeFileSync(join(folder, 'manifest.json'), '{}'),
};

export async function checkBundleFaults({ bundle, other, work }: ServingCheck): Promise<string> {
  for (const [name, damage] of Object.entries(damages)) {
    const damaged = join(work, 'damaged');
    cpSync(bundle, damaged, { recursive: true });
    damage(damaged);
    const started = await startServer({ model: damaged, config: { logLevel: 'fatal' } }).catch(() => undefined);
    await started?.stop();
    if (started !== undefined) throw new Error(`it starts with a damaged bundle: ${name}`);
    rmSync(damaged, { recursive: true });
  }

  const served = join(work, 'served');
  const put = (from: string, damage?: Damage) => {
    rmSync(served, { recursive: true, force: true });
    cpSync(from, served, { recursive: true });
    damage?.(served);
  };
  put(bundle);
  const server = await startServer({ model: served, config: { logLevel: 'fatal' } });
  try {
    let [going, answered] = [true, 0];
    const ids = new Set<string>();
    const wrong: string[] = [];
    const load = inParallel(4, async () => {
      const { status, body } = await server.predict('Goods are delivered within thirty days.');
      if (status === 200) {
        answered++;
        ids.add((JSON.parse(body) as { model: { id: string } }).model.id);
      } else wrong.push(`${status} ${body}`);
      return going;
    });
    let refused = 0;
    for (const damage of Object.values(damages)) {
      put(other, damage);
      server.process.kill('SIGHUP');
      await eventually(
        'the damaged bundle is refused',
        async () => (await server.figure('fieldcraft_reloads_refused_total')) > refused,
      );
      refused++;
    }
    if (ids.size !== 1) throw new Error('a damaged bundle answered');
    put(other);
    server.process.kill('SIGHUP');
    await eventually('the good bundle answers', () => Promise.resolve(ids.size === 2));
    going = false;
    await load;
    if (wrong.length > 0) throw new Error(`${wrong.length} requests failed, the first: ${wrong[0]}`);
    return `${refused} damaged bundles refused at start and again under load, one good taken; ${answered} requests answered meanwhile, none lost`;
  } finally {
    await server.stop();
  }
}
