/** `pytorch_model.bin`, both kinds (zip since PyTorch 1.6, bare pickles before), through a reader that knows tensors and runs nothing. */
import { formatError, openBoundedFile, byteCursor, quote, type BoundedFile } from './bounded-file.js';
import { dtypeBytes, elementCount, type Dtype } from './dtypes.js';
import { reach, tensorFile, type PlacedTensor, type TensorFile } from './tensor-file.js';
import { unpickle, type KnownGlobal, type PickleRules } from './unpickle.js';
import { readZipDirectory } from './zip-archive.js';

/** A run of numbers that tensors are views of; `offset` in elements, for a storage that is itself a view of another. */
interface Storage {
  readonly kind: 'storage';
  readonly dtype: Dtype;
  readonly key: string;
  /** Elements of the whole run that `key` names. */
  readonly total: number;
  readonly offset: number;
  readonly count: number;
}

interface StoredTensor {
  readonly kind: 'tensor';
  readonly storage: Storage;
  /** Elements into the storage. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Position in the file of the first byte of the run `key` of `bytes` bytes. */
type LocateStorage = (key: string, bytes: number) => number;

/**
 * Opens a state dict that `torch.save` wrote. Tied tensors share their `storage`; strides are respected.
 * @throws FieldcraftError FC_UNSAFE_FILE where the file wants to run code; FC_FILE_FORMAT where it is damaged, is no state dict, or has
 * tensors that reach outside their storage or claim more elements than it has; FC_NOT_FOUND where there is no file.
 */
export function openPytorchBin(path: string): TensorFile {
  const file = openBoundedFile(path);
  try {
    const { state, locate } = startsLikeZip(file) ? readZip(file) : readLegacy(file);
    if (!(state instanceof Map)) throw formatError(path, 'a PyTorch file holds no state dict');
    const tensors = new Map<string, PlacedTensor>();
    for (const [name, value] of state as Map<unknown, unknown>) {
      if (typeof name !== 'string' || !isTensor(value)) {
        throw formatError(path, 'a PyTorch state dict holds something that is no tensor', {
          where: quote(String(name)),
        });
      }
      tensors.set(name, placeTensor(path, name, value, locate));
    }
    return tensorFile(file, tensors);
  } catch (error) {
    file.close();
    throw error;
  }
}

function startsLikeZip(file: BoundedFile): boolean {
  return file.size >= 4 && new DataView(file.read(0, 4).buffer).getUint32(0, true) === 0x04034b50;
}

/** PyTorch 1.6 and newer: `<name>/data.pkl` with the state dict, `<name>/data/<key>` for each storage. */
function readZip(file: BoundedFile): { state: unknown; locate: LocateStorage } {
  const entries = readZipDirectory(file);
  const [pickle, another] = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const entry = pickle === undefined || another !== undefined ? undefined : entries.get(pickle);
  if (pickle === undefined || entry === undefined) {
    throw formatError(file.path, 'a zip archive is not one of PyTorch: it has no data.pkl, or several');
  }
  const folder = pickle.slice(0, -'data.pkl'.length);
  const order = entries.get(`${folder}byteorder`);
  if (order !== undefined && order.end - order.begin <= 16) {
    const text = new TextDecoder().decode(file.read(order.begin, order.end - order.begin));
    if (text !== 'little') throw formatError(file.path, 'numbers are not stored little-endian', { got: quote(text) });
  }
  const state = unpickle(byteCursor(file, entry.begin, entry.end), torchRules);
  const locate = (key: string, bytes: number): number => {
    const stored = entries.get(`${folder}data/${key}`);
    if (stored === undefined || stored.end - stored.begin !== bytes) {
      throw formatError(file.path, 'a storage is missing from a PyTorch archive or has another size', {
        where: `data/${quote(key)}`,
        expected: `${bytes} bytes`,
        got: stored === undefined ? 'none' : `${stored.end - stored.begin} bytes`,
      });
    }
    return stored.begin;
  };
  return { state, locate };
}

const legacyMagic = 0x1950a86a20f9469cfc6cn;

/** Before PyTorch 1.6: magic number, version, system and state dict, each a pickle; then the storages' keys; then for each its size and numbers. */
function readLegacy(file: BoundedFile): { state: unknown; locate: LocateStorage } {
  const storages = new Map<string, Storage>();
  const persistent = (id: unknown): Storage | undefined => {
    const storage = asStorage(id);
    if (storage === undefined) return undefined;
    const known = storages.get(storage.key);
    if (known !== undefined && (known.dtype !== storage.dtype || known.total !== storage.total)) return undefined;
    storages.set(storage.key, storage);
    return storage;
  };
  const cursor = byteCursor(file, 0, file.size);
  const next = () => unpickle(cursor, { ...torchRules, persistent });
  if (next() !== legacyMagic || next() !== 1001) {
    throw formatError(file.path, 'not a file that torch.save wrote (or one older than PyTorch 0.2)');
  }
  const system = next();
  if (!(system instanceof Map) || system.get('little_endian') !== true) {
    throw formatError(file.path, 'numbers are not stored little-endian');
  }
  const state = next();
  const keys = next();
  if (!Array.isArray(keys)) throw formatError(file.path, 'the list of storages is damaged');
  const places = new Map<string, { begin: number; bytes: number }>();
  let at = cursor.position();
  for (const key of keys as unknown[]) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined || places.has(storage.key)) {
      throw formatError(file.path, 'the list of storages names one that no tensor uses, or one twice');
    }
    const bytes = storage.total * dtypeBytes[storage.dtype];
    const count = new DataView(file.read(at, 8).buffer).getBigInt64(0, true);
    if (count !== BigInt(storage.total) || at + 8 + bytes > file.size) {
      throw formatError(file.path, 'a storage is cut off or has another size than its tensors say', {
        where: `storage ${quote(storage.key)}`,
        expected: `${storage.total} elements`,
        got: `${count}`,
      });
    }
    places.set(storage.key, { begin: at + 8, bytes });
    at += 8 + bytes;
  }
  const locate = (key: string): number => {
    const place = places.get(key);
    if (place === undefined) throw formatError(file.path, 'a storage is missing', { where: `storage ${quote(key)}` });
    return place.begin;
  };
  return { state, locate };
}

const storageTypes: readonly (readonly [string, Dtype])[] = [
  ['DoubleStorage', 'F64'],
  ['FloatStorage', 'F32'],
  ['HalfStorage', 'F16'],
  ['BFloat16Storage', 'BF16'],
  ['LongStorage', 'I64'],
  ['IntStorage', 'I32'],
  ['ShortStorage', 'I16'],
  ['CharStorage', 'I8'],
  ['ByteStorage', 'U8'],
  ['BoolStorage', 'BOOL'],
];

interface StorageType extends KnownGlobal {
  readonly dtype: Dtype;
}

/** Every global that a state dict may name. Nothing here runs anything but the functions below. */
const torchRules = {
  globals: new Map<string, KnownGlobal>(
    [
      ...storageTypes.map(([name, dtype]): StorageType => ({ global: `torch.${name}`, dtype })),
      { global: 'collections.OrderedDict', call: makeDictionary },
      { global: 'torch.Size', call: ([sizes]: readonly unknown[]) => naturals(sizes) },
      { global: 'torch._utils._rebuild_tensor', call: rebuildTensor },
      { global: 'torch._utils._rebuild_tensor_v2', call: rebuildTensor },
      {
        global: 'torch._utils._rebuild_parameter',
        call: ([tensor]: readonly unknown[]) => (isTensor(tensor) ? tensor : undefined),
      },
    ].map((known) => [known.global, known]),
  ),
  persistent: asStorage,
} satisfies PickleRules;

function makeDictionary([items = []]: readonly unknown[]): Map<unknown, unknown> | undefined {
  if (!Array.isArray(items)) return undefined;
  const pairs = items.filter((item): item is [unknown, unknown] => Array.isArray(item) && item.length === 2);
  return pairs.length === items.length ? new Map(pairs) : undefined;
}

/** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)`. */
function rebuildTensor([storage, offset, size, stride]: readonly unknown[]): StoredTensor | undefined {
  const shape = naturals(size);
  const strides = naturals(stride);
  if (!isStorage(storage) || !isNatural(offset) || shape === undefined || strides?.length !== shape.length)
    return undefined;
  return { kind: 'tensor', storage, offset, shape, strides };
}

/** The persistent id `('storage', type, key, location, elements, view?)`, a view being `(key, offset, elements)`. */
function asStorage(id: unknown): Storage | undefined {
  if (!Array.isArray(id)) return undefined;
  const [tag, type, key, , total, view] = id as readonly unknown[];
  if (tag !== 'storage' || !isStorageType(type) || typeof key !== 'string' || !isNatural(total)) return undefined;
  const whole = { kind: 'storage', dtype: type.dtype, key, total, offset: 0, count: total } as const;
  if (view === undefined || view === null) return whole;
  const [, offset, count] = Array.isArray(view) ? (view as readonly unknown[]) : [];
  return isNatural(offset) && isNatural(count) && offset + count <= total ? { ...whole, offset, count } : undefined;
}

/** Checks that the tensor's elements lie in its storage, and finds their place in the file. */
function placeTensor(path: string, name: string, tensor: StoredTensor, locate: LocateStorage): PlacedTensor {
  const { storage, offset, shape, strides } = tensor;
  const { dtype, key, total } = storage;
  const count = elementCount(shape);
  const end = count === 0 ? offset : offset + reach(shape, strides) + 1;
  // More elements than the storage has would be a broadcast view: no weight is one, but a few bytes could claim terabytes so.
  if (count === undefined || count > storage.count || end > storage.count) {
    throw formatError(path, 'a tensor reaches outside its storage', {
      where: `tensor ${quote(name)}`,
      expected: `at most ${storage.count} elements`,
      got: `shape [${shape.join(', ')}], strides [${strides.join(', ')}], offset ${offset}`,
    });
  }
  const begin = locate(key, total * dtypeBytes[dtype]) + (storage.offset + offset) * dtypeBytes[dtype];
  const place = { name, dtype, shape, storage: `${key}+${storage.offset + offset}`, position: begin };
  return isRowMajor(shape, strides) ? place : { ...place, strides };
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 0;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

function isTensor(value: unknown): value is StoredTensor {
  return hasKind(value, 'tensor');
}

function isStorage(value: unknown): value is Storage {
  return hasKind(value, 'storage');
}

/** Pickles cannot make objects with a `kind`: their dictionaries are Maps. */
function hasKind(value: unknown, kind: string): boolean {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

function isStorageType(value: unknown): value is StorageType {
  return typeof value === 'object' && value !== null && 'dtype' in value;
}

function isNatural(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function naturals(values: unknown): readonly number[] | undefined {
  return Array.isArray(values) && values.every(isNatural) ? [...(values as readonly number[])] : undefined;
}
