/** The marks of each part of the findings in the text, and what each is about. */
import { readable, type TextSpan } from '@fieldcraft/screen';
import type { SentencePart } from '../src/change-reading.js';
import type { Mention } from '../src/entities.js';
import { organisation, tasks } from '../src/finance-tasks.js';
import type { FinanceReading, FoundSpan } from '../src/read-finance.js';
import { nameOfClaim, toneOfCause, toneOfClaim, toneOfSentiment, toneOfStance } from './tones.js';

export type Layer = 'entities' | 'tone' | 'claims' | 'causes' | 'policy' | 'gold' | 'amounts';

/** What a person can correct. */
export type Target =
  | { what: 'sentence'; index: number; part: SentencePart }
  | { what: 'gold'; index: number }
  | { what: 'mention'; mention: Mention }
  | { what: 'span'; span: FoundSpan };

export interface Mark extends TextSpan {
  readonly target?: Target;
}

/** By which the tables of the findings and the marks in the text find each other. */
export const idOf = (layer: Layer, { start, end }: { start: number; end: number }): string =>
  `${layer} ${start} ${end}`;

/** A mark of what is shown from a table where no mark of the layer can be chosen. */
export function shownMark(id: string): Mark {
  const [, start, end] = id.split(' ');
  return { id, start: Number(start), end: Number(end), label: 'Shown', tone: 'good', still: true };
}

export function marksOf(reading: FinanceReading, layer: Layer): readonly Mark[] {
  switch (layer) {
    case 'entities':
      return [...reading.mentions.map(markOfMention), ...reading.named.filter(isOther).map(markOfNamed)];
    case 'tone':
      return sentenceMarks(reading, layer, 'sentiment');
    case 'policy':
      return sentenceMarks(reading, layer, 'stance');
    case 'claims':
      return [
        ...sentenceMarks(reading, layer, 'claim'),
        ...reading.forward.map(({ start, end }): Mark => {
          return {
            id: `forward ${start}`,
            start,
            end,
            label: 'Word of the future, by a rule',
            tone: 'hue-1',
            still: true,
          };
        }),
      ];
    case 'causes':
      return reading.causes.map((span): Mark => {
        const { start, end, label, needsReview, corrected } = span;
        return {
          ...{ id: idOf(layer, span), start, end, label, tone: toneOfCause(label), tag: readable(label) },
          ...{ needsReview: needsReview === true && corrected !== true, target: { what: 'span', span } },
        };
      });
    case 'gold':
      return reading.sentences.flatMap(({ start, end, gold }, index): Mark[] => {
        if (gold === undefined) return [];
        const label = gold.length === 0 ? 'No label' : gold.map((one) => readable(one.label)).join(', ');
        return [
          {
            ...{ id: idOf(layer, { start, end }), start, end, label, tag: label, target: { what: 'gold', index } },
            ...{
              tone: gold.length === 0 ? 'hue-4' : 'hue-2',
              needsReview: gold.some(({ needsReview }) => needsReview),
            },
          },
        ];
      });
    case 'amounts':
      return reading.rules.map((rule): Mark => {
        const { start, end, kind } = rule;
        return { id: idOf(layer, rule), start, end, label: `${readable(kind)}, by a rule`, tone: 'hue-5', still: true };
      });
  }
}

/** Found by the tagger of names, and no organisation: sentiment is not asked towards it. */
const isOther = ({ task, label }: FoundSpan) => task === tasks.named && label !== organisation;

function markOfMention(mention: Mention): Mark {
  const { start, end, sentiment } = mention;
  return {
    ...{ id: idOf('entities', mention), start, end, label: sentiment ? readable(sentiment.label) : 'Entity' },
    ...{ tone: sentiment ? toneOfSentiment(sentiment.label) : 'hue-0', needsReview: sentiment?.needsReview },
    target: { what: 'mention', mention },
  };
}

function markOfNamed(span: FoundSpan): Mark {
  const { start, end, label } = span;
  return {
    ...{ id: `named ${start} ${end}`, start, end, label, tone: label === 'PER' ? 'hue-7' : 'hue-5' },
    target: { what: 'span', span },
  };
}

function sentenceMarks(reading: FinanceReading, layer: Layer, part: SentencePart): Mark[] {
  const tone = { sentiment: toneOfSentiment, stance: toneOfStance, claim: toneOfClaim }[part];
  return reading.sentences.flatMap(({ start, end, [part]: said }, index): Mark[] => {
    if (said === undefined) return [];
    const label = part === 'claim' ? nameOfClaim(said.label) : readable(said.label);
    return [
      {
        ...{ id: idOf(layer, { start, end }), start, end, label, tone: tone(said.label) },
        // Of sentences that lean neither way a word behind each would drown the others.
        ...(tone(said.label) !== 'hue-4' && { tag: label }),
        ...{ needsReview: said.needsReview, target: { what: 'sentence', index, part } },
      },
    ];
  });
}
