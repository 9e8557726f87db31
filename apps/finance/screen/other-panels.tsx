/** Causes with their effects, what headlines say of gold, and amounts and dates: tables alone. */
import { DataTable, LabelChip, percent, readable, ruleColumns } from '@fieldcraft/screen';
import { tasks } from '../src/finance-tasks.js';
import { sentenceAround } from '../src/change-reading.js';
import type { FinanceReading } from '../src/read-finance.js';
import type { PanelProps } from './entities-panel.js';
import { idOf } from './marks.js';
import { toneOfCause } from './tones.js';
import { TrainedTasks } from './trained-tasks.js';

type TableProps = Omit<PanelProps, 'axis'>;

/** By the sentence that a stretch lies in. */
const placed = (reading: FinanceReading, where: TableProps['where'], span: { start: number; end: number }) => {
  const sentence = sentenceAround(reading, span);
  return sentence === undefined ? undefined : where(sentence);
};

export function CausesPanel({ client, model, reading, where, onShow }: TableProps) {
  return (
    <>
      <TrainedTasks model={model} tasks={{ [tasks.causes]: 'Causes and effects' }} />
      <p class="quiet small">
        Learnt from passages that state a cause, and asked only about sentences in which rules find words of causing.
        Mark other words to add a cause or an effect.
      </p>
      <DataTable
        caption="Causes and effects"
        fileName="causes and effects"
        client={client}
        rows={reading.causes}
        keyOf={({ start, end, label }) => `${start} ${end} ${label}`}
        empty="No cause and no effect was found."
        onSelect={(span) => onShow(idOf('causes', span))}
        columns={[
          { name: 'Text', wide: true, value: ({ text }) => text },
          {
            name: 'What',
            value: ({ label }) => readable(label),
            show: ({ label, needsReview, corrected }) => (
              <LabelChip label={label} tone={toneOfCause(label)} needsReview={needsReview} from={corrected && 'you'} />
            ),
          },
          {
            name: 'Sure',
            numeric: true,
            value: ({ confidence }) => confidence,
            show: ({ confidence, corrected }) => (corrected ? 'you' : percent(confidence)),
          },
          { name: 'Where', value: (span) => placed(reading, where, span) },
        ]}
      />
    </>
  );
}

export function GoldPanel({ client, model, reading, where, onShow }: TableProps) {
  const rows = reading.sentences.flatMap((sentence, index) =>
    sentence.gold ? [{ ...sentence, index, gold: sentence.gold }] : [],
  );
  return (
    <>
      <TrainedTasks model={model} tasks={{ [tasks.gold]: 'What headlines say of gold' }} />
      <p class="quiet small">Learnt from headlines, and asked only about those that name gold.</p>
      <DataTable
        caption="Headlines about gold"
        fileName="gold"
        client={client}
        rows={rows}
        keyOf={({ index }) => String(index)}
        empty="Nothing speaks of gold."
        onSelect={(sentence) => onShow(idOf('gold', sentence))}
        columns={[
          { name: 'Headline', wide: true, value: ({ start, end }) => reading.text.slice(start, end) },
          {
            name: 'Says',
            value: ({ gold }) => gold.map(({ label }) => label).join(', '),
            show: ({ gold }) => (
              <span class="legend">
                {gold.map(({ label, confidence, needsReview, corrected }) => (
                  <LabelChip
                    key={label}
                    label={label}
                    tone={label === 'price up' ? 'good' : label === 'price down' ? 'bad' : 'hue-2'}
                    confidence={corrected ? undefined : confidence}
                    needsReview={needsReview}
                    from={corrected && 'you'}
                  />
                ))}
              </span>
            ),
          },
          { name: 'Where', value: ({ index }) => where(index) },
        ]}
      />
    </>
  );
}

export function AmountsPanel({ client, reading, where, onShow }: Omit<TableProps, 'model'>) {
  return (
    <>
      <p class="quiet small">Found by rules of spelling, not by a model.</p>
      <DataTable
        caption="Amounts and dates"
        fileName="amounts and dates"
        client={client}
        rows={reading.rules}
        keyOf={({ start }) => String(start)}
        empty="No amount and no date was found."
        onSelect={(rule) => onShow(idOf('amounts', rule))}
        columns={[...ruleColumns, { name: 'Where', value: (rule) => placed(reading, where, rule) }]}
      />
    </>
  );
}
