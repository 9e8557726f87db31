/** Requests as nobody should send them, drawn from a seed: valid ones, valid ones with a fault, and noise. */
import type { Asked } from './start-server.js';
import { json } from './start-server.js';

export interface Fuzzer {
  next(): Asked;
}

/** The same requests for the same seed (mulberry32). */
export function createFuzzer(seed: number): Fuzzer {
  let state = seed >>> 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <T>(values: readonly T[]): T => values[below(values.length)]!;
  const times = <T>(most: number, make: () => T): T[] => Array.from({ length: below(most + 1) }, make);

  const text = (): string =>
    pick([
      () => pick(words),
      () => times(40, () => pick(words)).join(' '),
      () => String.fromCodePoint(...times(20, () => below(0x110000))),
      () => String.fromCharCode(...times(20, () => below(0x10000))),
      () => pick(strange),
      () => pick(words).repeat(below(400)),
    ])();
  const bytes = (): Uint8Array => Uint8Array.from(times(200, () => below(256)));

  function value(depth = 0): unknown {
    return pick<() => unknown>([
      text,
      () => pick([0, -1, 1, 0.5, 1e308, -0, 2 ** 53, 1e21]),
      () => pick([null, true, false]),
      () => (depth > 4 ? [] : times(4, () => value(depth + 1))),
      () =>
        depth > 4 ? {} : Object.fromEntries(times(4, () => [pick([...fields, text()]), value(depth + 1)] as const)),
    ])();
  }

  const entity = () => ({ start: below(20), end: below(20), label: pick(labels) });
  const correction = (): unknown =>
    pick<() => unknown>([
      () => ({ label: pick(labels) }),
      () => ({ labels: times(3, () => pick(labels)) }),
      () => ({ entities: times(3, entity) }),
      () => ({ answers: times(2, () => ({ start: below(20), end: below(20) })) }),
      value,
    ])();
  const input = (): unknown =>
    pick<() => unknown>([text, () => ({ text: text() }), () => ({ text: text(), second: text() })])();

  /** A request that its route takes, or nearly. */
  function proper(): Asked & { content?: unknown } {
    const post = (path: string, content: unknown) => ({ method: 'POST', path, headers: json, content });
    return pick([
      () => post(`/v1/predict/${pick(tasks)}`, { inputs: times(6, input) }),
      () => post(`/v1/predict/${pick(tasks)}`, { text: text(), second: text() }),
      () =>
        post('/v1/analyze', { texts: times(5, text), ...(below(2) === 0 && { tasks: times(3, () => pick(tasks)) }) }),
      () => post('/v1/feedback', { task: pick(tasks), text: text(), prediction: value(), correction: correction() }),
      () => post(`/v1/export?format=${pick(['csv', 'json', 'markdown', 'docx'])}`, table()),
      () => ({ ...post(`/v1/documents?name=${encodeURIComponent(wellFormed(text()))}`, text()), ...document() }),
      () => ({ path: pick(addresses) }),
      () => ({ path: `/v1/feedback?task=${pick(tasks)}&limit=${pick(['1', '0', 'x', '1e9', '-1'])}` }),
      () => ({ path: `/v1/feedback?before=${encodeURIComponent(`${pick(dates)} ${pick(ids)}`)}` }),
      () => ({ method: 'DELETE', path: `/v1/feedback/${pick(ids)}` }),
      () => ({
        ...{ method: 'POST', path: `/v1/predict/${pick(tasks)}`, headers: { 'content-type': 'application/x-ndjson' } },
        body: times(6, () => pick([() => JSON.stringify(input()), () => JSON.stringify(value()), text])()).join('\n'),
      }),
    ])();
  }

  const table = () => ({
    title: text(),
    columns: times(4, () => ({ key: pick(fields), title: text() })),
    rows: times(5, () => Object.fromEntries(times(4, () => [pick(fields), pick([text(), below(9), null])] as const))),
  });

  const document = (): Pick<Asked, 'headers' | 'body'> =>
    pick([
      () => ({
        headers: { 'content-type': 'application/pdf' },
        body: Buffer.concat([Buffer.from('%PDF-1.4\n'), bytes()]),
      }),
      () => ({
        headers: { 'content-type': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document' },
        body: Buffer.concat([Buffer.from('PK\u0003\u0004'), bytes()]),
      }),
      () => ({ headers: { 'content-type': pick(['text/html', 'text/markdown', 'text/plain']) }, body: text() }),
      () => ({
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
        body: `--b\r\ncontent-disposition: form-data; name="file"; filename="${wellFormed(pick(words))}"\r\n\r\n${text()}\r\n--b${pick(['--', ''])}\r\n`,
      }),
    ])();

  /** A fault in the bytes of a body. */
  function damaged(body: string | Uint8Array): Uint8Array {
    const damagedBytes = Buffer.from(body);
    if (damagedBytes.length === 0) return damagedBytes;
    const at = below(damagedBytes.length);
    return pick([
      () => damagedBytes.subarray(0, at),
      () => (damagedBytes.fill(below(256), at, at + 1), damagedBytes),
      () => Buffer.concat([damagedBytes.subarray(0, at), bytes(), damagedBytes.subarray(at)]),
      () => Buffer.concat([damagedBytes, damagedBytes]),
    ])();
  }

  /** A fault in what a body says. */
  function twisted(content: unknown): unknown {
    if (typeof content !== 'object' || content === null || below(6) === 0) return value();
    const entries = Object.entries(content as Record<string, unknown>);
    if (entries.length === 0) return value();
    const at = below(entries.length);
    const [key, held] = entries[at]!;
    const changed: [string, unknown][] = pick([
      () => [...entries, [pick([...fields, '__proto__', 'constructor']), value()] as [string, unknown]],
      () => entries.filter((_, i) => i !== at),
      () => entries.map((entry, i): [string, unknown] => (i === at ? [key, twisted(held)] : entry)),
    ])();
    return Array.isArray(content) ? changed.map(([, one]) => one) : Object.fromEntries(changed);
  }

  return {
    next() {
      const { content, ...asked } = proper();
      const whole = asked.body ?? (content === undefined ? undefined : JSON.stringify(content));
      const body = pick<() => string | Uint8Array | undefined>([
        () => whole,
        () => (content === undefined ? whole : JSON.stringify(twisted(content))),
        () => (whole === undefined ? undefined : damaged(whole)),
        () =>
          pick<() => string | Uint8Array | undefined>([() => undefined, bytes, () => nested(below(20_000)), text])(),
      ])();
      const headers = {
        ...asked.headers,
        ...(below(8) === 0 && { 'content-type': pick(mediaTypes) }),
        ...(below(20) === 0 && { 'content-encoding': pick(['gzip', 'br', 'x']) }),
        ...(below(20) === 0 && { accept: pick(['text/html', 'application/xml', '*/*']) }),
        ...(below(20) === 0 && { authorization: pick(['Bearer x', 'Basic eDp4', 'Bearer']) }),
        'x-forwarded-for': `10.${below(256)}.${below(256)}.${below(256)}`,
      };
      const method = below(15) === 0 ? pick(methods) : asked.method;
      const path = below(15) === 0 ? `${asked.path}${pick(pathEnds)}` : asked.path;
      return { method, path, headers, body: method === 'HEAD' || method === 'GET' ? undefined : body };
    },
  };
}

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const wellFormed = (value: string): string => value.replace(/[^ -~]|["\r\n]/g, '_');

const words = [
  'The',
  'supplier',
  'shall',
  'deliver',
  'goods',
  'Müller',
  '東京',
  '30',
  'days',
  '😀',
  '.',
  '',
  ' ',
  '\n',
];
const strange = [
  '\u0000',
  '\ud800',
  '\udc00x',
  '\ufeff',
  '\u202e',
  'a\u0301'.repeat(50),
  '\ufffe',
  "'; drop table feedback; --",
  '{{7*7}}',
  '<script>',
];
const labels = ['payment', 'term', 'other', 'liability', 'party', 'date', 'yes', 'no', 'nothing'];
const tasks = ['clauses', 'unfair-terms', 'entities', 'statements', 'questions', 'nothing', '', '..', '%00', '%ff'];
const fields = [
  'text',
  'texts',
  'inputs',
  'second',
  'tasks',
  'label',
  'start',
  'end',
  'rows',
  'columns',
  'title',
  'key',
];
const addresses = [
  '/',
  '/healthz',
  '/readyz',
  '/metrics',
  '/openapi.json',
  '/docs',
  '/docs/static/x',
  '/v1/model',
  '/login',
  '/v1',
  '//',
  '/%',
  '/..%2f..%2fetc/passwd',
  '/v1/predict/',
];
const dates = ['2024-01-01T00:00:00Z', '2024-99-99T99:99:99Z', 'x', '2024-01-01T00:00:00.123456Z'];
const ids = [
  '0f8f2a52-4a1f-4c52-9c0e-0d5c1f7e2b11',
  '------------------------------------',
  '1',
  'x'.repeat(300),
  '%00',
];
const methods = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'POST', 'PROPFIND', 'REPORT'];
const mediaTypes = [
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'application/x-ndjson',
  'multipart/form-data',
  'x',
  'application/octet-stream',
  '',
];
const pathEnds = ['?', '?a=%ff', '/', '#x', '?name=%00', '%2e%2e', `?${'a'.repeat(5_000)}`, ';x', '?__proto__[x]=1'];
