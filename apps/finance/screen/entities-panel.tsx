/** The entities of a text: the sentiment towards each over the text, their totals, and every mention. */
import { DataTable, hueOf, LabelChip, percent, type Client, type Column, type ModelInfo } from '@fieldcraft/screen';
import { useState } from 'preact/hooks';
import type { Entity, Mention } from '../src/entities.js';
import { tasks } from '../src/finance-tasks.js';
import { meanOf } from '../src/leaning.js';
import type { FinanceReading } from '../src/read-finance.js';
import type { Axis } from '../src/series.js';
import { LeaningChart, type ChartSeries } from './leaning-chart.js';
import { idOf } from './marks.js';
import { TrainedTasks } from './trained-tasks.js';
import { signed, toneOfSentiment } from './tones.js';

export interface PanelProps {
  client: Client;
  model: ModelInfo;
  reading: FinanceReading;
  axis: Axis;
  /** Where a sentence stands: its date, its speaker, or its number. */
  where: (sentence: number) => string;
  onShow: (id: string) => void;
}

/** Lines that can be told apart. */
const mostDrawn = 6;
const drawnAtFirst = 3;

interface EntitiesPanelProps extends PanelProps {
  /** Of the reading. */
  entities: readonly Entity[];
}

export function EntitiesPanel({ client, model, reading, entities, axis, where, onShow }: EntitiesPanelProps) {
  const [chosen, setChosen] = useState<readonly string[]>();
  const [only, setOnly] = useState<string>();
  const judged = entities.filter(({ mean }) => mean !== undefined);
  const drawn = judged.filter(({ id }, i) => (chosen ? chosen.includes(id) : i < drawnAtFirst));
  const ids = judged.map(({ id }) => id);
  const toggle = (id: string) => {
    const now = drawn.map((entity) => entity.id);
    setChosen(now.includes(id) ? now.filter((one) => one !== id) : [...now, id].slice(-mostDrawn));
  };
  const series = drawn.map(({ id, name, mentions }): ChartSeries => ({
    name,
    tone: hueOf(ids, id),
    points: mentions.flatMap((mention) =>
      mention.sentiment
        ? [
            {
              ...{ id: idOf('entities', mention), x: axis.x(mention.sentence), y: mention.sentiment.value },
              text: `${where(mention.sentence)}: ${mention.sentiment.label.toLowerCase()}, ${signed(mention.sentiment.value)}`,
            },
          ]
        : [],
    ),
  }));
  const scored = reading.mentions.some(({ score }) => score !== undefined);
  const shown = entities.find(({ id }) => id === only);
  const mentions = shown?.mentions ?? reading.mentions;
  const sentenceOf = ({ sentence }: Mention) => {
    const { start, end } = reading.sentences[sentence]!;
    return reading.text.slice(start, end);
  };

  const trained = (
    <TrainedTasks
      model={model}
      tasks={{
        [tasks.towards]: 'Sentiment towards entities',
        [tasks.named]: 'Persons, places and organisations',
        [tasks.judged]: 'Companies and markets with their sentiment',
        [tasks.score]: 'Scores of sentiment',
      }}
    />
  );

  return (
    <>
      {judged.length === 0 && trained}
      {judged.length > 0 && (
        <>
          <LeaningChart
            label="Sentiment towards entities"
            {...{ axis, series, up: 'Positive', down: 'Negative' }}
            onSelect={onShow}
          />
          <div class="layers" role="group" aria-label="Entities in the chart">
            {judged.slice(0, 12).map(({ id, name }) => (
              <button
                key={id}
                type="button"
                class={`chip ${hueOf(ids, id)}`}
                aria-pressed={drawn.some((one) => one.id === id)}
                onClick={() => toggle(id)}
              >
                {name}
              </button>
            ))}
          </div>
        </>
      )}
      <h3>Entities</h3>
      <DataTable
        caption="Entities"
        fileName="entities"
        client={client}
        rows={entities}
        keyOf={({ id }) => id}
        selected={only}
        onSelect={({ id }) => setOnly(id === only ? undefined : id)}
        empty="No entity was found. Names to follow are found without a model."
        columns={[
          { name: 'Entity', value: ({ name }) => name },
          { name: 'Mentions', numeric: true, value: (one) => one.mentions.length },
          ...(judged.length > 0 ? leaningColumns : []),
          ...(scored
            ? [
                {
                  name: 'Score',
                  numeric: true,
                  value: (one: { mentions: readonly Mention[] }) => scoreOfAll(one.mentions),
                  show: (one: { mentions: readonly Mention[] }) => signed(scoreOfAll(one.mentions)),
                },
              ]
            : []),
        ]}
      />
      <h3>{shown ? `Mentions of ${shown.name}` : 'Mentions'}</h3>
      <DataTable
        caption="Mentions"
        fileName="mentions"
        client={client}
        rows={mentions}
        keyOf={(mention) => idOf('entities', mention)}
        onSelect={(mention) => onShow(idOf('entities', mention))}
        columns={[
          { name: 'Mention', value: ({ text }) => text },
          ...(judged.length > 0 ? sentimentColumns : []),
          { name: 'Sentence', wide: true, value: sentenceOf },
          { name: 'Where', value: ({ sentence }) => where(sentence) },
        ]}
      />
      {judged.length > 0 && trained}
    </>
  );
}

const scoreOfAll = (mentions: readonly Mention[]) => meanOf(mentions.flatMap(({ score }) => score ?? []));

/** Of entities that sentiment is known towards. */
const leaningColumns: readonly Column<Entity>[] = [
  { name: 'Positive', numeric: true, value: ({ positive }) => positive },
  { name: 'Neutral', numeric: true, value: ({ neutral }) => neutral },
  { name: 'Negative', numeric: true, value: ({ negative }) => negative },
  { name: 'Mean', numeric: true, value: ({ mean }) => mean, show: ({ mean }) => mean !== undefined && signed(mean) },
];

const sentimentColumns: readonly Column<Mention>[] = [
  {
    name: 'Sentiment',
    value: ({ sentiment }) => sentiment?.label.toLowerCase(),
    show: ({ sentiment }) =>
      sentiment && (
        <LabelChip
          label={sentiment.label}
          tone={toneOfSentiment(sentiment.label)}
          needsReview={sentiment.needsReview}
          from={sentiment.corrected && 'you'}
        />
      ),
  },
  {
    name: 'Sure',
    numeric: true,
    value: ({ sentiment }) => sentiment?.confidence,
    show: ({ sentiment }) => sentiment && (sentiment.corrected ? 'you' : percent(sentiment.confidence)),
  },
];
