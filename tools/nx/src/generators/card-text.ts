/** The text of a data card for a person's own file: front matter that the strict schema takes, and what is known, in prose. */
import type { DataCard, QualityReport } from '@fieldcraft/core';
import type { RecognisedFile } from './recognise.js';

export interface CardFacts {
  name: string;
  field: string;
  /** Default: English, or that of the card before. */
  language?: string;
  fileName: string;
  bytes: number;
  sha256: string;
  file: RecognisedFile;
  labels: readonly string[];
  /** Of a file that says its parts: whether dev is cut from train. */
  cutDev: boolean;
  /** The card of the file that this one replaces: what people wrote there stays. */
  before?: DataCard;
  /** What loading it by this card gave; without it the counts are zero. */
  measured?: { quality: QualityReport; notes: readonly string[] };
}

/** One line an entry; the formatter gives it the look of the other cards. */
export function cardText(facts: CardFacts): string {
  const { name, field, fileName, bytes, sha256, file, labels, before, measured } = facts;
  const { part, ...others } = file.readerOptions;
  const options = part === undefined ? others : { ...others, part };
  const findings = measured?.quality.findings ?? [];
  const place = `data/${field}/${name}`;
  return `---
${entry('name', name)}
${entry('title', before?.title ?? `${capitalise(field.replaceAll('-', ' '))}: ${fileName}`)}
${entry('field', field)}
${entry('task', file.kind)}
${entry('language', facts.language ?? before?.language ?? 'en')}
${entry('version', sha256.slice(0, 12))}
${entry('licence', before?.licence ?? unknownLicence)}
${entry('source', `file:${place}`)}
${entry('citation', before?.citation ?? 'none: a file of this workspace’s own')}
files:
  - ${entry('path', fileName)}
    ${entry('bytes', bytes)}
    ${entry('sha256', sha256)}
reader:
  ${entry('format', file.format)}
  ${entry('options', options)}
${block(
  'labels',
  labels.map((label) => [label, label]),
)}
${entry('split', splitOf(facts))}
${entry('leakage', part === undefined ? 'keep' : 'drop-exact')}
problems:${findings.length === 0 ? ' []' : ''}
${findings.map(({ what }) => `  - ${entry('found', what)}\n    done: kept as it is, and counted\n`).join('')}
counts:
  ${entry(
    'examples',
    perPart(facts, (summary) => summary.examples),
  )}
${
  grouped(facts)
    ? `  ${entry(
        'groups',
        perPart(facts, (summary) => summary.groups ?? 0),
      )}\n`
    : ''
}
${indent(
  block(
    'labels',
    labels.map((label) => [label, perPart(facts, (summary) => summary.labels[label] ?? 0)]),
  ),
)}
  ${entry('notes', measured?.notes ?? [])}
  ${entry('quality', Object.fromEntries(findings.map(({ code, count }) => [code, count])))}
---
`
    .replaceAll(/\n{2,}/g, '\n')
    .concat(`\n${before?.prose ?? prose(facts, place)}\n`);
}

function splitOf({ file: { readerOptions }, cutDev }: CardFacts): object {
  if (readerOptions['part'] !== undefined) return { rule: 'published', ...(cutDev ? { dev: 0.1 } : {}), seed: 1 };
  if (readerOptions['date'] !== undefined) return { rule: 'date', dev: 0.1, test: 0.2 };
  return { rule: 'shares', by: readerOptions['group'] === undefined ? 'text' : 'group', dev: 0.1, test: 0.2, seed: 1 };
}

type PartSummary = QualityReport['parts'][number];

function perPart({ measured }: CardFacts, figure: (summary: PartSummary) => number): object {
  const [train = 0, dev = 0, test = 0] = measured?.quality.parts.map(figure) ?? [];
  return { train, dev, test };
}

const grouped = ({ measured }: CardFacts): boolean =>
  measured?.quality.parts.some(({ groups }) => groups !== undefined) === true;

const unknownLicence = {
  name: 'not stated',
  commercial: 'unknown',
  statedIn: 'nobody has said it: the file is of whoever made the task',
};

/** Without figures, so that it stays true where the file is replaced by a longer one. */
const prose = ({ fileName, file }: CardFacts, place: string): string => `## What it is

Examples of ${file.kind}, read from ${file.truth} of \`${fileName}\`.

## Where it comes from

A file of this workspace's own, which is looked for in \`${place}\`. Git ignores that folder: whoever trains elsewhere puts the same file there, and
the checksum above tells whether it is the same. Nobody has said yet who wrote the texts, under which licence, and what in them is personal: say it
here, and under \`licence\`, before a model that learnt from them is given away.

## Known problems and what we did

All that the checks found is listed above; nothing in the file was changed.

## Limits

Nobody has checked the labels for this card. Scores speak for texts like these.`;

const entry = (key: string, value: unknown): string => `${key}: ${yaml(value)}`;

const block = (key: string, entries: readonly [string, unknown][]): string =>
  entries.length === 0
    ? `${key}: {}`
    : `${key}:\n${entries.map(([name, value]) => `  ${yaml(name)}: ${yaml(value)}`).join('\n')}`;

/** A value on one line. Texts are quoted as JSON quotes them, unless they are plain words that YAML takes for nothing else. */
function yaml(value: unknown): string {
  if (typeof value === 'string') {
    const isPlain = /^[a-z][\w ./-]*$/i.test(value) && !/ $|^(true|false|null|yes|no|on|off|y|n)$/i.test(value);
    return isPlain ? value : JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(yaml).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, one]) => `${yaml(key)}: ${yaml(one)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

const indent = (text: string): string => text.replaceAll(/^/gm, '  ');

const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
