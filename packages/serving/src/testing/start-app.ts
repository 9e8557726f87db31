/** An app as a process of its own, as people start it: its `main.js` with flags, on any port that is free. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface StartedApp {
  readonly address: string;
  /** Ends it by SIGTERM. */
  stop(): Promise<void>;
}

interface StartAppOptions {
  /** Its compiled `main.js`. */
  readonly main: URL;
  /** Of a model; default: the one that the app finds by itself. */
  readonly model?: string;
  /** Where it runs. What people correct lies in it. */
  readonly folder: string;
}

/** Settings of whoever runs the specs are not the app's. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FIELDCRAFT_')));

/** @throws Error with what the app printed, where it ends instead of listening */
export async function startApp({ main, model, folder }: StartAppOptions): Promise<StartedApp> {
  const settings = {
    ...(model !== undefined && { model }),
    port: '0',
    workers: '1',
    threads: '1',
    'rate-limit': '0',
    'log-level': 'error',
  };
  const flags = Object.entries({ ...settings, 'data-folder': folder }).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(process.execPath, [fileURLToPath(main), ...flags], {
    ...{ cwd: folder, env: environment, stdio: ['ignore', 'ignore', 'pipe'] },
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const [, found] = / on (http:\S+)/.exec(printed) ?? [];
      if (found !== undefined) resolve(found);
    });
    void exited.then(() => reject(new Error(`the app ended before it listened: ${printed}`)));
  });
  return {
    address,
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}
