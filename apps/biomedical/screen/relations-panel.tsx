/** Which drug did what: relations that were found, and the type of a pair that the person has marked. */
import {
  DataTable,
  findTask,
  LabelChip,
  NotTrained,
  notifyError,
  percent,
  readable,
  type Classified,
  type Client,
  type ModelInfo,
  type Stretch,
} from '@fieldcraft/screen';
import { useState } from 'preact/hooks';
import { tasks } from '../src/note-tasks.js';
import type { Note } from '../src/read-note.js';

export interface Pair {
  chemical?: Stretch;
  protein?: Stretch;
}

interface TypedPair extends Classified {
  labels: readonly string[];
}

interface RelationsPanelProps {
  client: Client;
  model: ModelInfo;
  text: string;
  note: Note;
  pair: Pair;
  onClearPair: () => void;
  onShow: (stretch: Stretch) => void;
}

export function RelationsPanel({ client, model, text, note, pair, onClearPair, onShow }: RelationsPanelProps) {
  const [typed, setTyped] = useState<{ pair: Pair; answer: TypedPair }>();
  const graph = findTask(model, tasks.graph);
  const protein = findTask(model, tasks.protein);
  const name = (id: number) => note.entities.find((entity) => entity.id === id);
  const quote = (stretch: Stretch | undefined) => (stretch ? text.slice(stretch.start, stretch.end) : undefined);
  const answer = typed?.pair === pair ? typed.answer : undefined;
  const ask = () => {
    client
      .post<TypedPair>('v1/biomedical/relation', { text, ...pair })
      .then((found) => setTyped({ pair, answer: found }), notifyError);
  };

  return (
    <>
      <h3>Drugs and what they did</h3>
      {graph.missing ? (
        <NotTrained title="Relations of drugs" missing={graph.missing} />
      ) : (
        <DataTable
          caption="Relations"
          fileName="relations"
          client={client}
          rows={note.relations}
          keyOf={({ head, tail, label }) => `${head} ${label} ${tail}`}
          empty="No relation was found. They are looked for in sentences that tell of an adverse effect."
          onSelect={({ sentence }) => onShow(note.sentences[sentence]!)}
          columns={[
            { name: 'Drug or dose', value: ({ head }) => name(head)?.text },
            { name: 'Relation', value: ({ label }) => readable(label) },
            { name: 'Effect or drug', value: ({ tail }) => name(tail)?.text },
            {
              name: 'Sure',
              value: ({ confidence }) => confidence,
              show: ({ confidence }) => percent(confidence),
              numeric: true,
            },
          ]}
        />
      )}
      <h3>A chemical and a protein</h3>
      {protein.missing && <NotTrained title="How a chemical acts on a protein" missing={protein.missing} />}
      {protein.task && (
        <>
          <p class="quiet small">
            The model types pairs that you know to be related: it has no class for “no relation”, so it is never asked
            by itself. Mark the words in the text.
          </p>
          <dl class="pair">
            <dt>Chemical</dt>
            <dd>{quote(pair.chemical) ?? <span class="quiet">not marked</span>}</dd>
            <dt>Protein</dt>
            <dd>{quote(pair.protein) ?? <span class="quiet">not marked</span>}</dd>
          </dl>
          <p class="actions">
            <button type="button" class="primary" disabled={!pair.chemical || !pair.protein} onClick={ask}>
              Type this pair
            </button>
            {(pair.chemical ?? pair.protein) && (
              <button type="button" class="quiet-button" onClick={onClearPair}>
                Clear
              </button>
            )}
          </p>
          <div aria-live="polite">
            {answer && (
              <>
                <LabelChip
                  label={answer.label}
                  tone="hue-1"
                  confidence={Math.max(...answer.probabilities)}
                  needsReview={answer.needsReview}
                />
                <p class="quiet small">
                  Then:{' '}
                  {answer.labels
                    .map((label, i) => ({ label, share: answer.probabilities[i] ?? 0 }))
                    .sort((a, b) => b.share - a.share)
                    .slice(1, 4)
                    .map(({ label, share }) => `${readable(label)} ${percent(share)}`)
                    .join(', ')}
                </p>
              </>
            )}
          </div>
        </>
      )}
    </>
  );
}
