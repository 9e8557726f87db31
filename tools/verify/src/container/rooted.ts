/** Programs in a folder as their root, on this machine's own system: what a builder of images and a container do, where no image can be had. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface Rooted {
  readonly root: string;
  /** `uid:gid`; default root. */
  readonly user?: string | undefined;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Folders of this machine by where they are found inside; they may be written to. */
  readonly mounts?: Readonly<Record<string, string>> | undefined;
  /** All but the mounts and /tmp. */
  readonly readOnly?: boolean;
}

/**
 * In a mount namespace of its own, so that nothing is left mounted. Arguments: the root, user, folder, whether it is read-only, each mount as the
 * folder outside and the one inside, `--`, the program.
 */
const script = `set -eu
root=$1 user=$2 cwd=$3 sealed=$4
shift 4
mount --bind "$root" "$root"
for part in usr bin sbin lib lib64 etc; do
  if [ -L "/$part" ]; then [ -L "$root/$part" ] || ln -s "$(readlink "/$part")" "$root/$part"
  elif [ -d "/$part" ]; then
    mkdir -p "$root/$part"
    mount --bind "/$part" "$root/$part"
    mount -o remount,bind,ro "$root/$part"
  fi
done
mkdir -p "$root/dev" "$root/proc" "$root/tmp"
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
while [ "$1" != -- ]; do
  mkdir -p "$root/$2"
  mount --bind "$1" "$root/$2"
  shift 2
done
shift
if [ "$sealed" = yes ]; then mount -o remount,bind,ro "$root"; fi
exec chroot --userspec="$user" "$root" sh -c 'cd "$0" && exec "$@"' "$cwd" "$@"
`;

/** Why this machine cannot, if it cannot. */
export function whyNoRoots(): string | undefined {
  if (process.platform !== 'linux') return 'it takes Linux';
  if (process.getuid?.() !== 0) return 'it takes root: folders are mounted, and the app runs as another user';
  if (!['/usr/bin/unshare', '/usr/sbin/chroot'].every((program) => existsSync(program)))
    return 'it takes unshare and chroot';
  return undefined;
}

export function start(
  { root, user = '0:0', cwd, env, mounts = {}, readOnly = false }: Rooted,
  words: readonly string[],
): ChildProcess {
  const mounted = Object.entries(mounts).flatMap(([inside, outside]) => [outside, inside]);
  const settings = [root, user, cwd, readOnly ? 'yes' : 'no', ...mounted];
  return spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...settings, '--', ...words],
    {
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
}

/** Until it ends: its status and the end of what it said. */
export async function finish(child: ChildProcess): Promise<{ status: number | null; said: string }> {
  let said = '';
  const hear = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000));
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { status, said };
}
