/** The state of a reading: the text, what was found in it, and what the person changed. */
import { keepCorrection, useWork, type Classified, type Client, type ModelInfo } from '@fieldcraft/screen';
import { useState } from 'preact/hooks';
import { changeSpan, sentenceAround, type Change } from '../src/change-reading.js';
import type { Mention } from '../src/entities.js';
import { organisation, tasks } from '../src/finance-tasks.js';
import { correctedLeaning, leaningOf } from '../src/leaning.js';
import { markEntity } from '../src/mark-entity.js';
import type { FinanceReading, FinanceSource } from '../src/read-finance.js';

export interface OpenReading {
  name: string;
  reading: FinanceReading;
}

/** Read here, and not as documents: their lines are kept as they are. */
const plainFile = /\.(?:csv|tsv|txt)$/i;

export function useReading(client: Client, model: ModelInfo | undefined) {
  const [open, setOpen] = useState<OpenReading>();
  const work = useWork();

  const start = (source: File | string, asked: Required<Pick<FinanceSource, 'kind' | 'follow'>>) =>
    work.start('Reading the text…', async (signal, say) => {
      const text =
        typeof source === 'string'
          ? source
          : asked.kind === 'feed' && plainFile.test(source.name)
            ? await source.text()
            : (await client.document(source, { signal })).text;
      say(asked.kind === 'feed' ? 'Reading the headlines…' : 'Reading the sentences…');
      const reading = await client.post<FinanceReading>('v1/finance/read', { text, ...asked }, { signal });
      const pasted = asked.kind === 'feed' ? 'Headlines' : 'Text';
      setOpen({ name: typeof source === 'string' ? pasted : source.name, reading });
    });

  /** The screen shows a change at once, and goes back where it could not be kept. */
  function change({ reading, correction }: Change): void {
    const before = open;
    if (!before || !model) return;
    setOpen({ ...before, reading });
    if (correction) void keepCorrection(client, { ...correction, model: model.id }, () => setOpen(before));
  }

  const add = (mention: Mention) =>
    setOpen((now) => {
      if (!now) return now;
      const mentions = [...now.reading.mentions, mention].sort((a, b) => a.start - b.start);
      return { ...now, reading: { ...now.reading, mentions } };
    });

  /** Asks the sentiment towards words that the person marked. */
  const askTowards = ({ start, end }: { start: number; end: number }, from = 'you') => {
    const sentence = open && sentenceAround(open.reading, { start, end });
    if (!open || sentence === undefined) return;
    const { text, sentences } = open.reading;
    const place = sentences[sentence]!;
    const mention: Mention = { start, end, text: text.slice(start, end), sentence, from };
    const task = model?.tasks.find(({ name }) => name === tasks.towards);
    if (!task) return add(mention);
    const marked = markEntity(text.slice(place.start, place.end), {
      start: start - place.start,
      end: end - place.start,
    });
    void work.start('Asking the sentiment…', async (signal) => {
      const [said] = await client.predict<Classified>(task.name, [marked], { signal });
      if (!said) return;
      const { label, probabilities, needsReview } = said;
      const judged = {
        label,
        confidence: Math.max(...probabilities),
        ...(needsReview !== undefined && { needsReview }),
      };
      add({ ...mention, task: task.name, sentiment: leaningOf(judged, probabilities, task.labels) });
    });
  };

  return {
    open,
    doing: work.doing,
    start,
    cancel: work.cancel,
    close: () => setOpen(undefined),
    change,
    askTowards,
    /** A stretch that the person marked is what `label` of `task` says; of what sentiment is asked towards it is asked. */
    addSpan({ start, end }: { start: number; end: number }, task: string, label: string) {
      if (!open) return;
      const text = open.reading.text.slice(start, end);
      change(
        changeSpan(open.reading, task, undefined, { start, end, text, task, label, confidence: 1, corrected: true }),
      );
      const sentence = sentenceAround(open.reading, { start, end });
      if (task === tasks.named && label === organisation) askTowards({ start, end }, task);
      else if (task === tasks.judged && sentence !== undefined)
        add({ start, end, text, sentence, from: task, task, sentiment: correctedLeaning(label) });
    },
  };
}
