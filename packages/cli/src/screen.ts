/** Where text goes: a stream with its width, and colours only where a person will see them. */
import { styleText } from 'node:util';

/** What a screen needs of a stream; `process.stdout` and a stream in memory both have it. */
export interface OutputStream {
  write(text: string): boolean;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** What a command reads and writes. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined };
  /** Results: tables, predictions, JSON. */
  readonly stdout: OutputStream;
  /** Everything that tells about the work: progress, notes, errors. */
  readonly stderr: OutputStream;
  readonly env: NodeJS.ProcessEnv;
}

export type Style = 'bold' | 'dim' | 'underline' | 'red' | 'green' | 'yellow' | 'cyan';

export interface Screen {
  readonly stream: OutputStream;
  readonly isTTY: boolean;
  /** Columns; Infinity where nothing is cut, as in a pipe. */
  width(): number;
  style(style: Style, text: string): string;
  line(text?: string): void;
}

export function createScreen(stream: OutputStream, env: NodeJS.ProcessEnv): Screen {
  const isTTY = stream.isTTY === true && env['TERM'] !== 'dumb';
  const colours = wantsColours(isTTY, env);
  return {
    stream,
    isTTY,
    width: () => (isTTY ? (stream.columns ?? 80) : Infinity),
    style: (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text),
    line: (text = '') => void stream.write(`${text}\n`),
  };
}

/** NO_COLOR (https://no-color.org) and FORCE_COLOR decide before the stream does. */
function wantsColours(isTTY: boolean, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  const force = env['FORCE_COLOR'];
  return force === undefined ? isTTY : force !== '0' && force !== 'false';
}
