/** Everything that was found, as one table. */
import { readable, type Cell, type TableData } from '@fieldcraft/screen';
import type { FinanceReading } from '../src/read-finance.js';
import { sentenceAround } from '../src/change-reading.js';
import { nameOfClaim } from './tones.js';

interface Finding {
  part: string;
  label: string;
  value?: number | undefined;
  confidence?: number | undefined;
  needsReview?: boolean | undefined;
  corrected?: boolean | undefined;
  from: 'model' | 'rule' | 'person';
}

export function findingsTable(reading: FinanceReading, where: (sentence: number) => string, title: string): TableData {
  const row = (
    { start, end }: { start: number; end: number },
    { part, label, value, confidence, needsReview, corrected, from }: Finding,
  ): Cell[] => {
    const sentence = sentenceAround(reading, { start, end });
    const by = corrected ? 'person' : from;
    return [
      ...[
        part,
        reading.text.slice(start, end),
        label,
        rounded(value),
        by === 'model' ? rounded(confidence) : undefined,
      ],
      ...[by, needsReview ? 'yes' : 'no', sentence === undefined ? undefined : where(sentence), start, end],
    ];
  };
  const { sentences, mentions, named, causes, rules, forward } = reading;
  return {
    title: `Findings in ${title}`,
    columns: ['part', 'text', 'label', 'value', 'confidence', 'by', 'needs review', 'where', 'start', 'end'],
    rows: [
      ...mentions.map((mention) => {
        const { label = '', ...said } = mention.sentiment ?? {};
        const from = mention.sentiment
          ? 'model'
          : mention.from === 'name' || mention.from === 'you'
            ? 'person'
            : 'model';
        return row(mention, { part: 'entity', label: label.toLowerCase(), ...said, from });
      }),
      ...named.map((span) => row(span, { ...span, part: `found by ${span.task}`, from: 'model' })),
      ...sentences.flatMap((sentence) => {
        const { sentiment, stance, claim, gold = [] } = sentence;
        return [
          ...(sentiment ? [row(sentence, { ...sentiment, part: 'tone', from: 'model' })] : []),
          ...(claim
            ? [row(sentence, { ...claim, part: 'claim', label: nameOfClaim(claim.label), from: 'model' })]
            : []),
          ...(stance ? [row(sentence, { ...stance, part: 'policy stance', from: 'model' })] : []),
          ...gold.map((one) => row(sentence, { ...one, part: 'gold', from: 'model' })),
        ];
      }),
      ...causes.map((span) => row(span, { ...span, part: 'cause and effect', from: 'model' })),
      ...rules.map((rule) =>
        row(rule, {
          part: readable(rule.kind).toLowerCase(),
          label: Object.values(rule.value).map(String).join(' '),
          from: 'rule',
        }),
      ),
      ...forward.map((span) => row(span, { part: 'word of the future', label: '', from: 'rule' })),
    ],
  };
}

const rounded = (value: number | undefined) => (value === undefined ? undefined : Math.round(value * 1000) / 1000);
