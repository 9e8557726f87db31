/** What checks share: the fields, paths as they were given, and for those that train a workspace of their own, verticals by name and an encoder to start from. */
import { cpSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkpoint, foundation } from '@fieldcraft/core/internals';

/** The encoder that is trained where it can be reached; otherwise a small one from scratch. */
const preferredBase = 'sentence-transformers/all-MiniLM-L6-v2';

/** The fields that have an app. */
export const fields = ['legal', 'finance', 'biomedical', 'scientific'];

/** npm runs scripts in the workspace's root; paths count from where the person stands. */
export const given = (path: string): string => resolve(process.env['INIT_CWD'] ?? '', path);

/** So that runs/ and dist/ of this workspace stay as they are. */
export function makeWorkspace(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'fieldcraft-verify-')));
  writeFileSync(join(folder, 'nx.json'), '{}');
  cpSync(join(foundation.workspaceRoot(), 'data-cards'), join(folder, 'data-cards'), { recursive: true });
  return folder;
}

/** File URL of the compiled module of a vertical of this workspace. */
export const verticalModule = (name: string): string =>
  new URL(`../../../packages/${name}/dist/vertical.js`, import.meta.url).href;

/** Without a mirror, so that a vertical's samples are trained on; without a hub, so that nothing is waited for. */
export const samplesOnly = (workspace: string) => ({
  FIELDCRAFT_MIRROR: '',
  HF_HUB_OFFLINE: '1',
  FIELDCRAFT_CACHE: join(workspace, 'cache'),
});

/** Its folder; undefined where none is at hand and none is named. */
export async function findBase(named?: string): Promise<string | undefined> {
  if (named !== undefined) return (await checkpoint.resolveModel(named)).folder;
  try {
    return (await checkpoint.resolveModel(preferredBase, { offline: true })).folder;
  } catch (error) {
    if (error instanceof foundation.FieldcraftError && error.code === 'FC_NOT_FOUND') return undefined;
    throw error;
  }
}
