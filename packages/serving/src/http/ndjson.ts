/** Bulk: a line of JSON an input, a line of JSON an answer, in order; a slow reader slows the reading, not the memory. */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpProblem, problemOf } from '../problem.js';
import { decode } from './read-json.js';

interface LinesOptions {
  /** Bytes. */
  readonly longest: number;
}

/** @throws HttpProblem large for a line longer than a body may be */
export async function* linesOf(body: AsyncIterable<Uint8Array>, { longest }: LinesOptions): AsyncGenerator<string> {
  let rest: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = decode(Buffer.concat([...rest, chunk.subarray(from, end)]));
      [rest, size, from] = [[], 0, end + 1];
      if (line.trim() !== '') yield line;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
    size += chunk.length - from;
    if (size > longest) throw new HttpProblem('large', { detail: `a line of more than ${longest} bytes` });
  }
  const last = decode(Buffer.concat(rest));
  if (last.trim() !== '') yield last;
}

interface StreamOptions<I> {
  read(line: string): I;
  /** Answers of some inputs, in order. */
  answer(inputs: readonly I[]): Promise<readonly unknown[]>;
  /** Inputs that are asked together. */
  readonly group: number;
  /** Characters that are asked together at most, unless one line has more. */
  readonly characters: number;
  /** Milliseconds that a group waits where there is too much to do, before it is given up: bulk can wait. */
  readonly patience: number;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** Too much to do; not that a worker stopped, which the same lines may have been the cause of. */
const isShed = (error: unknown): error is HttpProblem => error instanceof HttpProblem && error.kind === 'busy';

/** Groups of lines are answered one after the other: no more is read than the reader of the answers takes. */
export function answerLines<I>(lines: AsyncIterable<string>, options: StreamOptions<I>): Readable {
  return Readable.from(answered(lines, options), { objectMode: false });
}

async function* answered<I>(
  lines: AsyncIterable<string>,
  { read, answer, group, characters, patience, signal }: StreamOptions<I>,
): AsyncGenerator<string> {
  let inputs: I[] = [];
  let size = 0;
  const flush = async () => {
    const asked = inputs;
    [inputs, size] = [[], 0];
    const answers = await answerInTime(asked).catch(async (error: unknown) => {
      if (signal.aborted || asked.length === 1 || isShed(error)) return asked.map(() => problemOf(error).body());
      // One bad line fails alone.
      return Promise.all(
        asked.map((one) =>
          answerInTime([one]).then(
            ([found]) => found,
            (reason: unknown) => problemOf(reason).body(),
          ),
        ),
      );
    });
    return answers.map((one) => `${JSON.stringify(one)}\n`).join('');
  };
  const answerInTime = async (inputs: readonly I[]): Promise<readonly unknown[]> => {
    for (const until = performance.now() + patience; ;) {
      try {
        return await answer(inputs);
      } catch (error) {
        const pause = isShed(error) ? 1000 * (error.parts.retryAfter ?? 0) : 0;
        if (pause === 0 || performance.now() + pause > until) throw error;
        await sleep(pause, undefined, { signal });
      }
    }
  };
  try {
    for await (const line of lines) {
      let input: I;
      try {
        input = read(line);
      } catch (error) {
        if (inputs.length > 0) yield await flush();
        yield `${JSON.stringify(problemOf(error).body())}\n`;
        continue;
      }
      if (inputs.length > 0 && (inputs.length >= group || size + line.length > characters)) yield await flush();
      inputs.push(input);
      size += line.length;
    }
    if (inputs.length > 0) yield await flush();
  } catch (error) {
    // The status was sent long ago: the last line says that the rest was not read.
    if (inputs.length > 0) yield await flush();
    yield `${JSON.stringify(problemOf(error).body())}\n`;
  }
}
