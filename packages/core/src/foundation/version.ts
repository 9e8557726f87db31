/** The version of this package, for what it writes. */
import { readFileSync } from 'node:fs';

export function coreVersion(): string {
  const path = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
