/** What a person changes in a reading: the reading as it then is, and what is sent as the correction. The screen reads this file too. */
import type { Span } from '@fieldcraft/serving';
import type { Mention } from './entities.js';
import { tasks } from './finance-tasks.js';
import { correctedLeaning } from './leaning.js';
import { markEntity } from './mark-entity.js';
import type { FinanceReading, FoundSpan } from './read-finance.js';

export interface Change {
  readonly reading: FinanceReading;
  /** Absent of what no task of the model has said. */
  readonly correction?: {
    readonly task: string;
    readonly text: string;
    readonly prediction: unknown;
    readonly correction: unknown;
  };
}

/** What one class is said of a sentence. */
export type SentencePart = 'sentiment' | 'stance' | 'claim';

export function changeSentence(reading: FinanceReading, index: number, part: SentencePart, label: string): Change {
  const sentence = reading.sentences[index]!;
  const now =
    part === 'claim' ? { label, confidence: 1, needsReview: false, corrected: true as const } : correctedLeaning(label);
  return {
    reading: withSentence(reading, index, { [part]: now }),
    correction: {
      task: { sentiment: tasks.sentiment, stance: tasks.stance, claim: tasks.claims }[part],
      text: quote(reading, sentence),
      prediction: { label: sentence[part]?.label },
      correction: { label },
    },
  };
}

export function changeGold(reading: FinanceReading, index: number, labels: readonly string[]): Change {
  const sentence = reading.sentences[index]!;
  const { gold = [] } = sentence;
  const now = labels.map(
    (label) =>
      gold.find((one) => one.label === label) ?? { label, confidence: 1, needsReview: false, corrected: true as const },
  );
  return {
    reading: withSentence(reading, index, { gold: now }),
    correction: {
      task: tasks.gold,
      text: quote(reading, sentence),
      prediction: { labels: gold.map(({ label }) => label) },
      correction: { labels },
    },
  };
}

/** The sentiment towards a mention; a label of the task that judged it. */
export function changeMention(reading: FinanceReading, mention: Mention, label: string): Change {
  const now: Mention = { ...mention, sentiment: correctedLeaning(label) };
  const mentions = reading.mentions.map((one) => (one === mention ? now : one));
  if (mention.task === tasks.judged) {
    const before = reading.named.find(
      ({ task, start, end }) => task === tasks.judged && start < mention.end && mention.start < end,
    );
    if (before === undefined) return { reading: { ...reading, mentions } };
    const { reading: named, correction } = changeSpan(reading, tasks.judged, before, {
      ...before,
      label,
      corrected: true,
    });
    return { reading: { ...named, mentions }, ...(correction && { correction }) };
  }
  const sentence = reading.sentences[mention.sentence]!;
  const place = { start: mention.start - sentence.start, end: mention.end - sentence.start };
  return {
    reading: { ...reading, mentions },
    correction: {
      task: tasks.towards,
      text: markEntity(quote(reading, sentence), place),
      prediction: { label: mention.sentiment?.label },
      correction: { label },
    },
  };
}

/** A mention that is none: what found it is told so, where a task did. */
export function removeMention(reading: FinanceReading, mention: Mention): Change {
  const found = reading.named.find(
    ({ task, start, end }) => task === mention.from && start === mention.start && end === mention.end,
  );
  const without = { ...reading, mentions: reading.mentions.filter((one) => one !== mention) };
  return found ? changeSpan(without, found.task, found) : { reading: without };
}

/** Puts another stretch of a tagger in the place of one, or takes it away, or adds one where there was none. */
export function changeSpan(reading: FinanceReading, task: string, before?: FoundSpan, after?: FoundSpan): Change {
  const list = task === tasks.causes ? 'causes' : 'named';
  const all = reading[list];
  const spans = [...all.filter((span) => span !== before), ...(after ? [after] : [])].sort(
    (a, b) => a.start - b.start || b.end - a.end,
  );
  const part = partOf(reading, task, (before ?? after)!);
  const asSent = (those: readonly FoundSpan[]) =>
    those
      .filter((span) => span.task === task && span.start >= part.start && span.end <= part.end)
      .map(({ start, end, label }) => ({ start: start - part.start, end: end - part.start, label }));
  const passages =
    list === 'causes' && !reading.passages.includes(part)
      ? [...reading.passages, part].sort((a, b) => a.start - b.start)
      : reading.passages;
  return {
    reading: { ...reading, [list]: spans, passages },
    correction: {
      task,
      text: quote(reading, part),
      prediction: { entities: asSent(all) },
      correction: { entities: asSent(spans) },
    },
  };
}

/** What a tagger read at once around a stretch; of causes where nothing was read, its sentence. */
function partOf({ sentences, passages }: FinanceReading, task: string, { start, end }: Span): Span {
  const around = (part: Span) => part.start <= start && part.end >= end;
  const passage = task === tasks.causes ? passages.find(around) : undefined;
  const sentence = passage ?? sentences.find(around);
  return sentence ? (passage ?? { start: sentence.start, end: sentence.end }) : { start, end };
}

/** The sentence that a stretch lies in; undefined of one that reaches beyond. */
export const sentenceAround = ({ sentences }: FinanceReading, { start, end }: Span): number | undefined => {
  const index = sentences.findIndex((sentence) => sentence.start <= start && sentence.end >= end);
  return index < 0 ? undefined : index;
};

const quote = ({ text }: FinanceReading, { start, end }: Span): string => text.slice(start, end);

const withSentence = (
  reading: FinanceReading,
  index: number,
  change: Partial<FinanceReading['sentences'][number]>,
): FinanceReading => ({
  ...reading,
  sentences: reading.sentences.map((sentence, i) => (i === index ? { ...sentence, ...change } : sentence)),
});
