/** The instructions of a Dockerfile, carried out in folders: one a stage. */
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { pairs, type Stage } from './dockerfile.js';
import { finish, start } from './rooted.js';

export interface Built {
  readonly root: string;
  readonly user: string | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly healthcheck: string | undefined;
  readonly entrypoint: string | undefined;
}

export interface BuildOptions {
  /** The folder that sources are copied from. */
  readonly context: string;
  /** Where stages are built. */
  readonly folder: string;
  readonly built: ReadonlyMap<string, Built>;
  readonly print: (line: string) => void;
}

/** @throws Error where an instruction fails, or is not one that this can carry out */
export async function buildStage(stage: Stage, { context, folder, built, print }: BuildOptions): Promise<Built> {
  const root = join(folder, stage.name ?? 'last');
  mkdirSync(root, { recursive: true });
  const ignored = readIgnored(context);
  let state: Built = {
    ...{ root, user: undefined, cwd: '/', env: {}, volumes: [] },
    ...{ healthcheck: undefined, entrypoint: undefined },
  };
  const set = (change: Partial<Built>) => (state = { ...state, ...change });
  const inside = (path: string) => join(root, resolve(state.cwd, path));

  const carryOut: Record<string, (content: string, flags: Readonly<Record<string, string>>) => unknown> = {
    ARG: (content) => content.includes('=') && set({ env: { ...state.env, ...pairs(content) } }),
    ENV: (content) => set({ env: { ...state.env, ...pairs(content) } }),
    WORKDIR(content) {
      mkdirSync(inside(content), { recursive: true });
      set({ cwd: resolve(state.cwd, content) });
    },
    USER: (content) => set({ user: content }),
    VOLUME: (content) => set({ volumes: [...state.volumes, content] }),
    HEALTHCHECK: (content) => set({ healthcheck: content.replace(/^CMD\s+/, '') }),
    ENTRYPOINT: (content) => set({ entrypoint: content }),
    EXPOSE: () => undefined,
    STOPSIGNAL: () => undefined,
    COPY(content, { from }) {
      const words = content.split(/\s+/);
      const to = words.pop()!;
      const base = from === undefined ? context : built.get(from)?.root;
      if (base === undefined) throw new Error(`COPY --from=${from}: no such stage`);
      for (const source of words) {
        const path = join(base, source);
        // A folder's contents are copied, a file goes into a folder that ends with a slash.
        const target =
          statSync(path).isDirectory() || !to.endsWith('/') ? inside(to) : join(inside(to), basename(source));
        const filter = (one: string) => from !== undefined || !ignored(relative(context, one));
        cpSync(path, target, { recursive: true, verbatimSymlinks: true, filter });
      }
    },
    async RUN(content) {
      const env = { ...builderEnvironment(), ...state.env };
      const cache = join(homedir(), '.npm');
      const mounts: Record<string, string> = existsSync(cache) ? { '/root/.npm': cache } : {};
      const { user, cwd } = state;
      const child = start({ root, user, cwd, env, mounts }, ['sh', '-c', content]);
      const { status, said } = await finish(child);
      if (status !== 0) throw new Error(`RUN ${content}: status ${status}\n${said}`);
    },
  };

  for (const { keyword, content, flags } of stage.instructions) {
    const step = carryOut[keyword];
    if (step === undefined) throw new Error(`${keyword} is not carried out here`);
    const begun = performance.now();
    await step(content, flags);
    if (keyword === 'RUN' || keyword === 'COPY')
      print(`        ${keyword} ${content.slice(0, 90)} (${((performance.now() - begun) / 1000).toFixed(0)} s)`);
  }
  return state;
}

/** What this process was started with, less what npm and Nx said to it. */
const builderEnvironment = (): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !/^(npm_|NX_|INIT_CWD$|NODE_OPTIONS$|FIELDCRAFT_)/.test(entry[0]),
    ),
  ),
  HOME: '/root',
});

/** Whether .dockerignore leaves a path out. */
export function readIgnored(context: string): (path: string) => boolean {
  const patterns = readFileSync(join(context, '.dockerignore'), 'utf8')
    .split('\n')
    .map((line) => line.trim().replace(/^\//, ''))
    .filter((line) => line !== '' && !line.startsWith('#'));
  return (path) => path !== '' && patterns.some((pattern) => matches(path, pattern));
}

/** Of `**` and a name at any depth, `name` at the top. */
function matches(path: string, pattern: string): boolean {
  if (!pattern.startsWith('**/')) return path === pattern || path.startsWith(`${pattern}/`);
  return path.split('/').includes(pattern.slice(3));
}
