/** For specs: streams in memory, and a command line run on them. */
import { Readable } from 'node:stream';
import { createScreen, type OutputStream, type Screen } from './screen.js';
import { runCommandLine } from './program.js';

export interface MemoryStream extends OutputStream {
  /** Everything that was written. */
  text(): string;
}

/** `columns` makes it a terminal. cli-progress asks for more of a stream than we do. */
export function memoryStream(columns?: number): MemoryStream & { on(): void; once(): void; emit(): boolean } {
  const written: string[] = [];
  return {
    write: (text) => written.push(text) > 0,
    text: () => written.join(''),
    isTTY: columns !== undefined,
    columns,
    on: () => undefined,
    once: () => undefined,
    emit: () => false,
  };
}

/** A screen in memory; the environment is empty, so that a terminal has colours and a pipe has none. */
export function memoryScreen({ columns, env = {} }: { columns?: number; env?: NodeJS.ProcessEnv } = {}): {
  screen: Screen;
  text: () => string;
} {
  const stream = memoryStream(columns);
  return { screen: createScreen(stream, env), text: stream.text };
}

/** Runs a command line in this process. */
export async function runHere(
  args: readonly string[],
  { input = '' }: { input?: string } = {},
): Promise<{ status: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [memoryStream(), memoryStream()];
  const status = await runCommandLine(args, { stdin: Readable.from([Buffer.from(input)]), stdout, stderr, env: {} });
  return { status, stdout: stdout.text(), stderr: stderr.text() };
}
