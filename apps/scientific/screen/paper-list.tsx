/** The papers that were read in: searched by meaning, and opened one by one. */
import {
  count,
  DataTable,
  findTask,
  NotTrained,
  Progress,
  useWork,
  type Client,
  type ModelInfo,
} from '@fieldcraft/screen';
import { useState } from 'preact/hooks';
import { tasks } from '../src/paper-tasks.js';
import type { Paper } from '../src/papers.js';
import { nameOf } from './paper.js';

interface PaperListProps {
  client: Client;
  model: ModelInfo;
  papers: readonly Paper[];
  open: string | undefined;
  onOpen: (paper: Paper) => void;
}

export function PaperList({ client, model, papers, open, onOpen }: PaperListProps) {
  const [query, setQuery] = useState('');
  const { doing, start } = useWork();
  const [scores, setScores] = useState<ReadonlyMap<string, number>>();
  const { task, missing } = findTask(model, tasks.search);
  const busy = doing !== undefined;
  const rank = () =>
    start(`Ranking ${count(papers.length, 'paper')}`, async (signal) => {
      const asked = papers.map(({ id, title, text }) => ({ id, text, ...(title !== undefined && { title }) }));
      const { ranked } = await client.post<{ ranked: { id: string; score: number }[] }>(
        'v1/scientific/rank',
        { query, papers: asked },
        { signal },
      );
      setScores(new Map(ranked.map(({ id, score }) => [id, score])));
    });
  const rows = scores ? [...papers].sort((a, b) => (scores.get(b.id) ?? -1) - (scores.get(a.id) ?? -1)) : papers;

  return (
    <>
      {missing && <NotTrained title="Ranking by relevance" missing={missing} />}
      {task && (
        <form
          class="ask"
          role="search"
          onSubmit={(event) => {
            event.preventDefault();
            if (query.trim() !== '' && !busy) void rank();
          }}
        >
          <label for="query">What are you looking for?</label>
          <input id="query" type="search" value={query} onInput={(event) => setQuery(event.currentTarget.value)} />
          <button type="submit" class="primary" disabled={busy || query.trim() === ''}>
            Rank
          </button>
        </form>
      )}
      {busy && <Progress label={doing} />}
      <DataTable
        caption="Papers"
        fileName="papers"
        client={client}
        rows={rows}
        keyOf={({ id }) => id}
        selected={open}
        onSelect={onOpen}
        columns={[
          { name: 'Paper', value: nameOf },
          { name: 'Authors', value: ({ authors }) => authors },
          { name: 'Year', value: ({ year }) => year, numeric: true },
          ...(scores
            ? [
                {
                  name: 'Nearness',
                  numeric: true,
                  value: ({ id }: Paper) => scores.get(id),
                  show: ({ id }: Paper) => scores.get(id)?.toFixed(2),
                },
              ]
            : []),
        ]}
      />
    </>
  );
}
