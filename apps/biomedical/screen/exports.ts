/** Everything that was found and decided, as one table. */
import { readable, type TableData } from '@fieldcraft/screen';
import type { CodeRow, Decision } from './codes-panel.js';
import { noEffect } from '../src/note-tasks.js';
import type { Note } from '../src/read-note.js';

export function noteTable(
  note: Note,
  text: string,
  codes: readonly CodeRow[],
  decisions: ReadonlyMap<string, Decision>,
): TableData {
  const name = (id: number) => note.entities.find((entity) => entity.id === id)?.text ?? '';
  const share = (value: number | undefined) => (value === undefined ? undefined : Math.round(value * 1000) / 1000);
  return {
    title: 'Findings',
    columns: ['Part', 'What', 'Text', 'Decision', 'Sure', 'Start', 'End'],
    rows: [
      ...codes.map(({ code, title, probability, evidence, from }) => [
        ...[
          'Code',
          `${code} ${title ?? ''}`.trim(),
          evidence?.text,
          decisions.get(code) ?? (from === 'assigned' ? 'suggested' : 'open'),
        ],
        ...[share(probability), evidence?.start, evidence?.end],
      ]),
      ...note.entities.map(({ label, text: quote, confidence, corrected, start, end }) => [
        ...['Entity', readable(label), quote, corrected === true ? 'corrected' : undefined],
        ...[corrected === true ? undefined : share(confidence), start, end],
      ]),
      ...note.relations.map(({ head, tail, label, confidence, sentence }) => {
        const place = note.sentences[sentence];
        const said = `${name(head)} → ${name(tail)}`;
        return ['Relation', readable(label), said, undefined, share(confidence), place?.start, place?.end];
      }),
      ...note.sentences
        .filter(({ adverse }) => adverse !== undefined && adverse.label !== noEffect)
        .map(({ start, end, adverse }) => {
          return [
            'Sentence',
            'Tells of an adverse effect',
            text.slice(start, end),
            undefined,
            share(adverse?.confidence),
            start,
            end,
          ];
        }),
      ...note.sentences.flatMap(({ start, end, hallmarks = [] }) =>
        hallmarks.map((hallmark) => [
          'Hallmark of cancer',
          readable(hallmark),
          text.slice(start, end),
          undefined,
          undefined,
          start,
          end,
        ]),
      ),
    ],
  };
}
