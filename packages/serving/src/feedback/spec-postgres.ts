/** A real PostgreSQL server for specs: Debian's programs on a folder of its own, reached through a socket. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SpecServer {
  readonly url: string;
  start(): void;
  stop(): void;
  remove(): void;
}

/** The folder of `initdb`, or undefined where PostgreSQL is not installed. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  return versions
    .map((version) => join('/usr/lib/postgresql', version, 'bin'))
    .findLast((folder) => existsSync(join(folder, 'initdb')));
}

/** @throws Error where the server does not start */
export function startPostgres(programs: string): SpecServer {
  const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-pg-'));
  const data = join(folder, 'data');
  const isRoot = process.getuid?.() === 0;
  // PostgreSQL refuses to run as root: then as its own user.
  const user = isRoot ? 'postgres' : (process.env['USER'] ?? 'postgres');
  if (isRoot) spawnSync('chown', ['postgres', folder]);
  const run = (program: string, args: readonly string[]) => {
    const line = [join(programs, program), ...args];
    const [command = '', ...rest] = isRoot
      ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', ...line]
      : line;
    const { status, stderr } = spawnSync(command, rest, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (status !== 0) throw new Error(`${program}: ${stderr}`);
  };
  run('initdb', ['-D', data, '-A', 'trust', '-U', user, '--no-sync', '-E', 'UTF8', '--locale=C']);
  const options = `-c listen_addresses= -c unix_socket_directories=${folder} -c fsync=off -c shared_buffers=16MB`;
  const server: SpecServer = {
    url: `postgresql://${user}@localhost/postgres?host=${encodeURIComponent(folder)}`,
    start: () => run('pg_ctl', ['-D', data, '-w', '-l', join(folder, 'log'), '-o', options, 'start']),
    stop: () => run('pg_ctl', ['-D', data, '-w', '-m', 'immediate', 'stop']),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  server.start();
  return server;
}
