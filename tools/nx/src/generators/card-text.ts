/** The text of a data card for a person's own file: front matter that the strict schema takes, and what is known, in prose. */
import type { QualityReport } from '@fieldcraft/core';
import type { RecognisedFile } from './recognise.js';

export interface CardFacts {
  name: string;
  field: string;
  language: string;
  fileName: string;
  bytes: number;
  sha256: string;
  file: RecognisedFile;
  labels: readonly string[];
  /** Of a file that says its parts: whether dev is cut from train. */
  cutDev: boolean;
  /** What loading it by this card gave; without it the counts are zero. */
  measured?: { quality: QualityReport; notes: readonly string[]; rule: string };
}

/** Values are written as JSON, which YAML reads; the formatter gives them the look of the other cards. */
export function cardText(facts: CardFacts): string {
  const { name, field, language, fileName, bytes, sha256, file, labels, measured } = facts;
  const { part, ...others } = file.readerOptions;
  const options = part === undefined ? others : { ...others, part };
  const findings = measured?.quality.findings ?? [];
  const place = `data/${field}/${name}`;
  return `---
${entry('name', name)}
${entry('title', `${capitalise(field.replaceAll('-', ' '))}: ${fileName}`)}
${entry('field', field)}
${entry('task', file.kind)}
${entry('language', language)}
${entry('version', sha256.slice(0, 12))}
licence:
  name: not stated
  commercial: unknown
  statedIn: nobody has said it; this file came from whoever generated the task
${entry('source', `file:${place}`)}
citation: none, a file of this workspace's own
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
    .concat(prose(facts, place));
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

function prose({ fileName, file, labels, measured }: CardFacts, place: string): string {
  const parts = measured?.quality.parts ?? [];
  const [train = 0, dev = 0, test = 0] = parts.map(({ examples }) => examples);
  const shown = labels.slice(0, 20).join(', ') + (labels.length > 20 ? ` and ${labels.length - 20} more` : '');
  return `
## What it is

${train + dev + test} examples of ${file.kind}, read from ${file.truth} of \`${fileName}\`${labels.length > 0 ? `. Labels: ${shown}` : ''}.

## Where it comes from

A file of this workspace's own, which is looked for in \`${place}\`. Git ignores that folder: whoever trains elsewhere puts the same file there, and
the checksum above tells whether it is the same. Nobody has said yet who wrote the texts, under which licence, and what in them is personal: say it
here, and under \`licence\`, before a model that learnt from them is given away.

## Known problems and what we did

${(measured?.quality.findings ?? []).length === 0 ? 'The checks found nothing.' : 'What the checks found is listed above; nothing was changed.'} \
Division: ${measured?.rule ?? 'not made yet'}.

## Limits

Nobody has checked the labels for this card. The scores speak for texts like these, and for the ${test} that are kept for testing.
`;
}

const entry = (key: string, value: unknown): string => `${key}: ${JSON.stringify(value)}`;

const block = (key: string, entries: readonly [string, unknown][]): string =>
  entries.length === 0
    ? `${key}: {}`
    : `${key}:\n${entries.map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`).join('\n')}`;

const indent = (text: string): string => text.replaceAll(/^/gm, '  ');

const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
