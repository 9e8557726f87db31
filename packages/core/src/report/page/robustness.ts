/** How a model stands attacks: success by recipe under loose and strict constraints, and some of the texts that turned its answer. */
import { bar } from '../charts/tracks.js';
import { html, type Markup } from '../markup.js';
import { formatCount, formatPercent, formatScore, plural } from '../numbers.js';
import type { RobustnessReport } from '../robustness-schema.js';
import type { TaskReport } from '../task-schema.js';
import { recipeName } from '../words.js';
import { markedText } from './marked-text.js';
import type { Part } from './part.js';
import { table } from './table.js';

type Row = RobustnessReport['rows'][number];

/** Shown at once; the others unfold. */
const firstShown = 3;

export function robustnessSection({ robustness }: TaskReport): Part | undefined {
  if (robustness === undefined) return undefined;
  const { texts, skipped, unit, clean, judge, queries, constraints, rows, examples } = robustness;
  const ofTexts = plural(texts, 'test text');
  const right = html`<b>${formatPercent(clean)}</b>`;
  const body = html`<p>
      ${
        unit === 'entity'
          ? html`Of the true entities of ${ofTexts}, ${right} are found as they are.`
          : html`Of ${ofTexts}, ${right} are answered rightly as they are.`
      }
      ${formatCount(skipped)} with no right answer are left out. Each other text is changed a little, by at most
      ${formatCount(queries)} questions to the model, until
      ${unit === 'entity' ? 'an entity is lost or mistyped' : 'the answer is wrong'}.
    </p>
    ${constraints.map((one) => html`<p class="quiet">${allowed(one, judge)}</p>`)}
    ${constraints.map(({ set }) =>
      resultTable(
        set,
        rows.filter((row) => row.set === set),
      ),
    )}
    ${examples.length > 0 && examplesList(examples)}`;
  return { title: 'Under attack', body };
}

/** What a set allows, in words. */
function allowed(
  { set, similarity, wordsChanged, shortest, keepsEnd }: RobustnessReport['constraints'][number],
  judge: string,
): Markup {
  return html`<b>${set}</b>: cosine of the text before and after at least ${formatScore(similarity)} (${judge}), at most
    ${formatPercent(wordsChanged)} of its words changed, letters of words from ${formatCount(shortest)} letters on, the
    first${keepsEnd && ' and the last'} of which stay${keepsEnd ? '' : 's'}. What is reworded without another meaning is
    not limited by either.`;
}

const resultTable = (set: string, rows: readonly Row[]): Markup =>
  table({
    caption: `Success of attacks under ${set} constraints`,
    rows,
    sortable: true,
    columns: [
      {
        head: 'Change',
        cell: (row) => (row.recipe === 'all' ? html`<b>${recipeName(row.recipe)}</b>` : recipeName(row.recipe)),
      },
      {
        head: 'Success',
        kind: 'number',
        cell: (row) => (row.successRate === undefined ? '–' : html`<b>${formatPercent(row.successRate)}</b>`),
        sortBy: (row) => row.successRate ?? 0,
      },
      {
        head: html`<span class="hidden">Success as a bar</span>`,
        kind: 'bar',
        cell: (row) => bar(row.successRate ?? 0, row.interval),
      },
      {
        head: '95 % interval',
        kind: 'number',
        wideOnly: true,
        cell: (row) => (row.interval === undefined ? '–' : row.interval.map(formatPercent).join(' – ')),
      },
      {
        head: 'Right under attack',
        kind: 'number',
        cell: (row) => formatPercent(row.underAttack),
        sortBy: (row) => row.underAttack,
      },
      {
        head: 'Questions',
        kind: 'number',
        cell: (row) => formatCount(Math.round(row.queries)),
        sortBy: (row) => row.queries,
      },
      {
        head: 'Words changed',
        kind: 'number',
        cell: (row) => (row.wordsChanged === undefined ? '–' : row.wordsChanged.toFixed(1)),
        sortBy: (row) => row.wordsChanged ?? 0,
      },
      {
        head: 'Cosine',
        kind: 'number',
        wideOnly: true,
        cell: (row) => (row.similarity === undefined ? '–' : formatScore(row.similarity)),
        sortBy: (row) => row.similarity ?? 0,
      },
    ],
  });

function examplesList(examples: RobustnessReport['examples']): Markup {
  const items = examples.map(
    ({ id, recipe, set, text, changes, gold, predicted, similarity }) =>
      html`<li class="error">
        <p class="side">${recipeName(recipe)}, ${set}</p>
        <div class="text" dir="auto">${marked(text, changes)}</div>
        <p class="answers">
          ${side('true', gold, 'good')} ${side('predicted', predicted, 'bad')}
          ${similarity !== undefined && html`<span>cosine ${formatScore(similarity)}</span>`}
        </p>
        <p class="source">example ${id}</p>
      </li>`,
  );
  const [first, rest] = [items.slice(0, firstShown), items.slice(firstShown)];
  return html`<p class="legend">
      <span><mark class="changed">changed</mark> with what stood there behind it</span>
    </p>
    <ol class="errors">
      ${first}
    </ol>
    ${
      rest.length > 0 &&
      html`<details>
        <summary>${plural(rest.length, 'more text')}</summary>
        <ol class="errors" start="${String(firstShown + 1)}">
          ${rest}
        </ol>
      </details>`
    }`;
}

const marked = (text: string, changes: RobustnessReport['examples'][number]['changes']): Markup =>
  markedText(
    text,
    changes.map(({ start, end, was }) => ({ start, end, label: was, kind: 'changed' })),
  );

const side = (name: string, names: readonly string[], tone: string): Markup =>
  html`<span
    >${name}
    ${
      names.length === 0
        ? html`<span class="chip">nothing</span>`
        : names.map((one) => html`<span class="chip ${tone}">${one}</span> `)
    }</span
  >`;
