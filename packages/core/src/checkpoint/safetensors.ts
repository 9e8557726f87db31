/** safetensors files, read with a bound on everything they claim. */
import { formatError, openBoundedFile, quote, type BoundedFile } from './bounded-file.js';
import { dtypeBytes, elementCount, isDtype } from './dtypes.js';
import { tensorFile, type PlacedTensor, type TensorFile } from './tensor-file.js';

/** The reference implementation's own limit on the header, in bytes. */
const largestHeader = 100_000_000;

/**
 * Opens a safetensors file. The header (at most 100 MB) is checked whole: known types, sizes that match shapes, and tensors that fill
 * the file without overlap, hole or remainder.
 * @throws FieldcraftError FC_FILE_FORMAT where it is not so; FC_NOT_FOUND where there is no file.
 */
export function openSafetensors(path: string): TensorFile {
  const file = openBoundedFile(path);
  try {
    const { header, dataBegin } = readHeader(file);
    const { __metadata__: metadata, ...entries } = header;
    const tensors = new Map<string, PlacedTensor>();
    for (const [name, entry] of Object.entries(entries)) tensors.set(name, placeTensor(path, name, entry, dataBegin));
    checkCoverage(file, dataBegin, [...tensors.values()]);
    return tensorFile(file, tensors, readMetadata(path, metadata));
  } catch (error) {
    file.close();
    throw error;
  }
}

function readHeader(file: BoundedFile): { header: Record<string, unknown>; dataBegin: number } {
  const { path, size } = file;
  if (size < 8) throw formatError(path, 'not a safetensors file: it is shorter than the length of its header');
  const claimed = new DataView(file.read(0, 8).buffer).getBigUint64(0, true);
  const limit = Math.min(size - 8, largestHeader);
  if (claimed > BigInt(limit)) {
    throw formatError(path, 'the header of a safetensors file claims to be too long', {
      expected: `at most ${limit} bytes`,
      got: `${claimed} bytes`,
    });
  }
  const length = Number(claimed);
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file.read(8, length));
    header = JSON.parse(text);
  } catch (cause) {
    throw formatError(path, 'the header of a safetensors file is not valid JSON in UTF-8', { cause });
  }
  if (!isRecord(header)) throw formatError(path, 'the header of a safetensors file is not a JSON object');
  refuseDuplicates(path, text, header);
  return { header, dataBegin: 8 + length };
}

/** `JSON.parse` keeps the last of equal names. In a valid text each colon outside strings is one member: too many of them tell. */
function refuseDuplicates(path: string, text: string, header: Record<string, unknown>): void {
  const known = Object.values(header).reduce<number>(
    (sum, entry) => sum + (isRecord(entry) ? Object.keys(entry).length : 0),
    Object.keys(header).length,
  );
  if (countMembers(text) !== known) {
    throw formatError(path, 'the header of a safetensors file names something twice, or nests too deep');
  }
}

function countMembers(json: string): number {
  let colons = 0;
  for (let i = 0; i < json.length; i++) {
    if (json[i] === ':') colons++;
    if (json[i] !== '"') continue;
    for (i++; json[i] !== '"'; i++) if (json[i] === '\\') i++;
  }
  return colons;
}

function readMetadata(path: string, metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {};
  if (!isRecord(metadata)) throw formatError(path, 'the metadata of a safetensors file is not a JSON object');
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => {
      if (typeof value !== 'string') throw formatError(path, `metadata ${quote(key)} is not a text`);
      return [key, value];
    }),
  );
}

function placeTensor(path: string, name: string, entry: unknown, dataBegin: number): PlacedTensor {
  const where = `tensor ${quote(name)}`;
  if (!isRecord(entry)) throw formatError(path, 'a tensor is not described by a JSON object', { where });
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDtype(dtype)) {
    throw formatError(path, 'a tensor has an unknown type', {
      where,
      expected: Object.keys(dtypeBytes).join(' '),
      got: quote(String(dtype)),
    });
  }
  const count = Array.isArray(shape) ? elementCount(shape) : undefined;
  if (count === undefined || !Number.isSafeInteger(count * dtypeBytes[dtype])) {
    throw formatError(path, 'a tensor has an impossible shape', {
      where,
      expected: 'natural numbers with a product below 2^53 bytes',
      got: quote(JSON.stringify(shape) ?? 'nothing'),
    });
  }
  const [begin, end, ...rest] = (Array.isArray(offsets) ? offsets : []) as unknown[];
  if (!isNatural(begin) || !isNatural(end) || begin > end || rest.length > 0) {
    throw formatError(path, 'a tensor has impossible offsets', {
      where,
      expected: '[begin, end] with 0 <= begin <= end',
      got: quote(JSON.stringify(offsets) ?? 'nothing'),
    });
  }
  const bytes = count * dtypeBytes[dtype];
  if (end - begin !== bytes) {
    throw formatError(path, 'the offsets of a tensor do not fit its shape and type', {
      where,
      expected: `${bytes} bytes`,
      got: `${end - begin} bytes`,
    });
  }
  return {
    name,
    dtype,
    shape: shape as readonly number[],
    storage: `${begin}-${end}`,
    position: dataBegin + begin,
  };
}

/** In order of their place, tensors must follow each other without gap or overlap and end where the file ends. */
function checkCoverage(file: BoundedFile, dataBegin: number, tensors: readonly PlacedTensor[]): void {
  const bytes = (tensor: PlacedTensor) => (elementCount(tensor.shape) ?? 0) * dtypeBytes[tensor.dtype];
  const sorted = [...tensors].sort((a, b) => a.position - b.position || bytes(a) - bytes(b));
  let covered = dataBegin;
  for (const tensor of sorted) {
    const where = `tensor ${quote(tensor.name)}`;
    const end = tensor.position + bytes(tensor);
    if (end > file.size) throw formatError(file.path, 'a tensor lies outside the file', { where });
    if (tensor.position < covered) throw formatError(file.path, 'two tensors overlap', { where });
    if (tensor.position > covered) throw formatError(file.path, 'unused bytes lie before a tensor', { where });
    covered = end;
  }
  if (covered !== file.size) {
    throw formatError(file.path, 'unused bytes lie behind the last tensor', { got: `${file.size - covered} bytes` });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNatural(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
