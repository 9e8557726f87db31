/**
 * Reads Python pickles that may hold plain values and nothing that runs: numbers, texts, tuples, lists, dictionaries, and those few
 * globals that the caller knows. It is an interpreter for the opcodes that `torch.save` emits (protocols 2 to 5); others are refused.
 */
import { FieldcraftError } from '../foundation/index.js';
import { formatError, quote, type ByteCursor } from './bounded-file.js';

/** A global that a pickle may name. Without `call` it may be passed on but not called. */
export interface KnownGlobal {
  readonly global: string;
  /** Builds a value from the arguments; undefined where they make no sense. */
  readonly call?: (args: readonly unknown[]) => unknown;
}

/** What a pickle may refer to outside itself. */
export interface PickleRules {
  /** By `module.name`; all others are refused. */
  readonly globals: ReadonlyMap<string, KnownGlobal>;
  /** Turns a persistent id into the value it stands for; undefined where it makes no sense. */
  readonly persistent?: (id: unknown) => unknown;
}

/** Bytes of one pickle. Checkpoints of thousands of tensors need less than a megabyte. */
const largestPickle = 1 << 24;
/** Values on the stack or in the memo. */
const mostValues = 1 << 20;

/** Marks the stack's begin of a group. */
const mark = Symbol('mark');

/**
 * Reads one pickle and leaves `cursor` behind it. Tuples and lists become arrays, dictionaries Maps, whole numbers beyond 2^53 bigints.
 * @throws FieldcraftError FC_UNSAFE_FILE where the pickle names a global that `rules` do not know, or wants to run something;
 * FC_FILE_FORMAT where it is damaged or larger than 16 MiB or 2^20 values.
 */
export function unpickle(cursor: ByteCursor, rules: PickleRules): unknown {
  const { path } = cursor;
  const begin = cursor.position();
  const stack: unknown[] = [];
  const memo = new Map<number, unknown>();

  const damaged = (what: string) => formatError(path, `a pickle ${what}`, { where: `byte ${cursor.position()}` });
  const unsafe = (what: string, got: string) =>
    new FieldcraftError('FC_UNSAFE_FILE', {
      what,
      where: `${path}, byte ${cursor.position()}`,
      expected: 'tensors and plain values only',
      got,
      fix: 'do not load this file with other software; get the weights as safetensors from a source that you trust',
    });

  const push = (value: unknown): void => {
    if (stack.length >= mostValues) throw damaged('holds too many values');
    stack.push(value);
  };
  const pop = (): unknown => {
    if (stack.length === 0 || stack.at(-1) === mark) throw damaged('takes a value that is not there');
    return stack.pop();
  };
  const popGroup = (): unknown[] => {
    const at = stack.lastIndexOf(mark);
    if (at < 0) throw damaged('ends a group that it did not begin');
    return stack.splice(at).slice(1);
  };
  const popTuple = (length: number): unknown[] => Array.from({ length }, pop).reverse();
  const remember = (index: number): void => {
    if (memo.size >= mostValues) throw damaged('remembers too many values');
    const value = pop();
    memo.set(index, value);
    push(value);
  };
  const recall = (index: number): void => {
    if (!memo.has(index)) throw damaged('recalls a value that it did not remember');
    push(memo.get(index));
  };

  const take = (length: number): Uint8Array => {
    if (cursor.position() + length - begin > largestPickle) throw damaged('is too long');
    return cursor.take(length);
  };
  const view = (length: number): DataView => new DataView(take(length).buffer);
  const text = (length: number): string => {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(take(length));
    } catch (cause) {
      if (cause instanceof FieldcraftError) throw cause;
      throw damaged('holds a text that is not UTF-8');
    }
  };
  const wideLength = (): number => Number(view(8).getBigUint64(0, true));
  const line = (): string => {
    const bytes: number[] = [];
    for (let byte = cursor.byte(); byte !== 0x0a; byte = cursor.byte()) {
      if (bytes.push(byte) > 1000) throw damaged('holds a name that is too long');
    }
    return new TextDecoder().decode(Uint8Array.from(bytes));
  };

  const pushGlobal = (module: unknown, name: unknown): void => {
    if (typeof module !== 'string' || typeof name !== 'string')
      throw damaged('names a global by something else than texts');
    const known = rules.globals.get(`${module}.${name}`);
    if (known === undefined) throw unsafe('a file asks for Python code to be run', quote(`${module}.${name}`));
    push(known);
  };
  const reduce = (): void => {
    const args = pop();
    const callee = pop();
    if (!isKnownGlobal(callee, rules) || callee.call === undefined || !Array.isArray(args)) {
      throw unsafe('a file asks for something to be called that may not be', describe(callee));
    }
    const value = callee.call(args);
    if (value === undefined) throw damaged(`calls ${callee.global} with impossible arguments`);
    push(value);
  };
  const setItems = (pairs: readonly unknown[]): void => {
    const target = stack.at(-1);
    if (!(target instanceof Map) || pairs.length % 2 !== 0) throw damaged('sets items of something that has none');
    for (let i = 0; i < pairs.length; i += 2) target.set(pairs[i], pairs[i + 1]);
  };
  const append = (values: readonly unknown[]): void => {
    const target = stack.at(-1);
    if (!Array.isArray(target)) throw damaged('appends to something that is no list');
    for (const value of values) target.push(value);
  };

  for (;;) {
    if (cursor.position() - begin >= largestPickle) throw damaged('is too long');
    const opcode = cursor.byte();
    switch (String.fromCharCode(opcode)) {
      case '\x80': {
        const protocol = cursor.byte();
        if (protocol < 2 || protocol > 5) throw damaged(`has protocol ${protocol} (2 to 5 are known)`);
        break;
      }
      case '\x95': // FRAME: a hint for buffering
        take(8);
        break;
      case '.': {
        const value = pop();
        if (stack.length > 0) throw damaged('ends with values left over');
        return value;
      }

      case 'N':
        push(null);
        break;
      case '\x88':
        push(true);
        break;
      case '\x89':
        push(false);
        break;
      case 'K':
        push(cursor.byte());
        break;
      case 'M':
        push(view(2).getUint16(0, true));
        break;
      case 'J':
        push(view(4).getInt32(0, true));
        break;
      case '\x8a': // LONG1
        push(signedNumber(take(cursor.byte())));
        break;
      case 'G':
        push(view(8).getFloat64(0, false));
        break;

      case 'X': // BINUNICODE
      case 'T': // BINSTRING, Python 2's texts
        push(text(view(4).getUint32(0, true)));
        break;
      case '\x8c': // SHORT_BINUNICODE
      case 'U': // SHORT_BINSTRING
        push(text(cursor.byte()));
        break;
      case '\x8d': // BINUNICODE8
        push(text(wideLength()));
        break;

      case '(':
        push(mark);
        break;
      case ')':
      case ']':
        push([]);
        break;
      case '}':
        push(new Map<unknown, unknown>());
        break;
      case 't':
        push(popGroup());
        break;
      case '\x85':
        push(popTuple(1));
        break;
      case '\x86':
        push(popTuple(2));
        break;
      case '\x87':
        push(popTuple(3));
        break;
      case 'a':
        append([pop()]);
        break;
      case 'e':
        append(popGroup());
        break;
      case 's': {
        const pair = popTuple(2);
        setItems(pair);
        break;
      }
      case 'u':
        setItems(popGroup());
        break;

      case 'q':
        remember(cursor.byte());
        break;
      case 'r':
        remember(view(4).getUint32(0, true));
        break;
      case '\x94': // MEMOIZE
        remember(memo.size);
        break;
      case 'h':
        recall(cursor.byte());
        break;
      case 'j':
        recall(view(4).getUint32(0, true));
        break;

      case 'c': {
        const module = line();
        pushGlobal(module, line());
        break;
      }
      case '\x93': {
        // STACK_GLOBAL
        const [module, name] = popTuple(2);
        pushGlobal(module, name);
        break;
      }
      case 'R':
        reduce();
        break;
      case 'b': {
        // BUILD gives an object its state. The only harmless use is `_metadata` on a state dict, which holds no weights.
        pop();
        if (!(stack.at(-1) instanceof Map)) throw unsafe('a file sets the state of an object', describe(stack.at(-1)));
        break;
      }
      case 'Q': {
        const value = rules.persistent?.(pop());
        if (value === undefined) throw damaged('refers to something outside itself that makes no sense');
        push(value);
        break;
      }

      default:
        throw unsafe('a file uses a pickle instruction that weights do not need', `0x${opcode.toString(16)}`);
    }
  }
}

function isKnownGlobal(value: unknown, rules: PickleRules): value is KnownGlobal {
  return [...rules.globals.values()].some((known) => known === value);
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null && 'global' in value ? String(value.global) : typeof value;
}

/** Little-endian two's complement. */
function signedNumber(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
  const signed = BigInt.asIntN(bytes.length * 8, value);
  return signed >= BigInt(Number.MIN_SAFE_INTEGER) && signed <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(signed)
    : signed;
}
