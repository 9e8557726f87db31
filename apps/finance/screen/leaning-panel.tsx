/** The tone of sentences, or their stance on policy: over the text, by speaker, and one by one. */
import { DataTable, LabelChip, percent, readable, type Tone } from '@fieldcraft/screen';
import { tasks } from '../src/finance-tasks.js';
import { meanOf, signOf, type Leaning } from '../src/leaning.js';
import type { FinanceSentence } from '../src/read-finance.js';
import type { PanelProps } from './entities-panel.js';
import { LeaningChart } from './leaning-chart.js';
import { idOf, type Layer } from './marks.js';
import { signed, toneOfSentiment, toneOfStance } from './tones.js';
import { TrainedTasks } from './trained-tasks.js';

interface LeaningPanelProps extends PanelProps {
  part: 'sentiment' | 'stance';
}

interface View {
  layer: Layer;
  task: string;
  title: string;
  column: string;
  toneOf: (label: string) => Tone;
  up: string;
  down: string;
  tone: Tone;
  empty: string;
}

const views: Readonly<Record<LeaningPanelProps['part'], View>> = {
  sentiment: {
    ...{ layer: 'tone', task: tasks.sentiment, title: 'Sentiment of sentences', column: 'Tone', tone: 'hue-0' },
    ...{ up: 'Positive', down: 'Negative', toneOf: toneOfSentiment, empty: 'No sentence was judged.' },
  },
  stance: {
    ...{ layer: 'policy', task: tasks.stance, title: 'Stance on monetary policy', column: 'Stance', tone: 'hue-7' },
    ...{ up: 'Hawkish', down: 'Dovish', toneOf: toneOfStance, empty: 'No sentence speaks of monetary policy.' },
  },
};

interface Judged {
  sentence: FinanceSentence;
  index: number;
  said: Leaning;
}

export function LeaningPanel({ client, model, reading, axis, where, onShow, part }: LeaningPanelProps) {
  const { layer, task, title, column, up, down, tone, toneOf, empty } = views[part];
  const judged = reading.sentences.flatMap((sentence, index): Judged[] => {
    const said = sentence[part];
    return said ? [{ sentence, index, said }] : [];
  });
  const points = judged.map(({ sentence, index, said }) => ({
    ...{ id: idOf(layer, sentence), x: axis.x(index), y: said.value },
    text: `${where(index)}: ${readable(said.label)}, ${signed(said.value)}`,
  }));
  const speakers = [...new Set(judged.flatMap(({ sentence }) => sentence.speaker ?? []))];

  return (
    <>
      <TrainedTasks model={model} tasks={{ [task]: title }} />
      {part === 'stance' && (
        <p class="quiet small">
          Learnt from sentences of the Federal Reserve. It is asked only about sentences with words of money, jobs and
          prices, which rules find.
        </p>
      )}
      {judged.length > 0 && (
        <LeaningChart
          label={title}
          {...{ axis, up, down }}
          series={[{ name: column, tone, points }]}
          onSelect={onShow}
        />
      )}
      {speakers.length > 0 && (
        <>
          <h3>
            By speaker <LabelChip label="Names" from="rule" />
          </h3>
          <DataTable
            caption={`${column} by speaker`}
            fileName={`${layer} by speaker`}
            client={client}
            rows={speakers.map((name) => totalsOf(name, judged))}
            keyOf={({ name }) => name}
            columns={[
              { name: 'Speaker', value: ({ name }) => name },
              { name: 'Sentences', numeric: true, value: ({ sentences }) => sentences },
              { name: up, numeric: true, value: (one) => one.up },
              { name: down, numeric: true, value: (one) => one.down },
              { name: 'Mean', numeric: true, value: ({ mean }) => mean, show: ({ mean }) => signed(mean) },
            ]}
          />
        </>
      )}
      <h3>{reading.kind === 'feed' ? 'Headlines' : 'Sentences'}</h3>
      <DataTable
        caption={title}
        fileName={layer}
        client={client}
        rows={judged}
        keyOf={({ index }) => String(index)}
        empty={empty}
        onSelect={({ sentence }) => onShow(idOf(layer, sentence))}
        columns={[
          { name: 'Text', wide: true, value: ({ sentence: { start, end } }) => reading.text.slice(start, end) },
          {
            name: column,
            value: ({ said }) => said.label,
            show: ({ said: { label, needsReview, corrected } }) => (
              <LabelChip label={label} tone={toneOf(label)} needsReview={needsReview} from={corrected && 'you'} />
            ),
          },
          { name: 'Value', numeric: true, value: ({ said }) => said.value, show: ({ said }) => signed(said.value) },
          {
            name: 'Sure',
            numeric: true,
            value: ({ said }) => said.confidence,
            show: ({ said }) => (said.corrected ? 'you' : percent(said.confidence)),
          },
          { name: 'Where', value: ({ index }) => where(index) },
        ]}
      />
    </>
  );
}

function totalsOf(name: string, judged: readonly Judged[]) {
  const own = judged.filter(({ sentence }) => sentence.speaker === name);
  const leaning = (sign: number) => own.filter(({ said }) => signOf(said.label) === sign).length;
  return {
    name,
    sentences: own.length,
    up: leaning(1),
    down: leaning(-1),
    mean: meanOf(own.map(({ said }) => said.value)),
  };
}
