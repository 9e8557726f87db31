/** Wrong predictions to read, worst first: what was read, what is true of it, and what was said. */
import { labelsOfMistake } from '../../evaluation/index.js';
import type { ErrorExample } from '../error-schema.js';
import { html, type Content, type Markup } from '../markup.js';
import { formatCount, formatPercent, plural, threeDigits } from '../numbers.js';
import type { TaskReport } from '../task-schema.js';
import { filterable } from './filter.js';
import { compareSpans, markedText, type Mark } from './marked-text.js';
import type { Part } from './part.js';

type Span = NonNullable<ErrorExample['goldEntities']>[number];

/** Shown at once; the others unfold. */
const firstShown = 4;

export function errorExamples(task: TaskReport): Part | undefined {
  const { errors = [], labels, kind } = task;
  if (errors.length === 0) return undefined;
  const body = filterable({
    what: 'errors',
    labels,
    items: errors.map((error) => labelsOfMistake(error, labels)),
    place(attributes) {
      const items = errors.map((error, i) => html`<li class="error" ${attributes[i]}>${example(error, kind)}</li>`);
      const [first, rest] = [items.slice(0, firstShown), items.slice(firstShown)];
      return html`<ol class="errors">
          ${first}
        </ol>
        ${
          rest.length > 0 &&
          html`<details>
            <summary>${plural(rest.length, 'more error')}</summary>
            <ol class="errors" start="${String(firstShown + 1)}">
              ${rest}
            </ol>
          </details>`
        }`;
    },
  });
  return {
    title: 'Errors',
    body: html`<p class="quiet">${introduction(task, errors)}</p>
      ${legend(errors)} ${body}`,
  };
}

function introduction({ kind, labels, errorCount, seeds }: TaskReport, errors: readonly ErrorExample[]): Content {
  const seed = seeds[0]?.seed;
  const whose = seeds.length > 1 && seed !== undefined && ` of seed ${seed}`;
  const order = errors.some(({ error }) => error !== undefined)
    ? 'those farthest from the truth first'
    : 'those it was surest of first';
  if (kind === 'regression' || kind === 'similarity')
    return html`The predictions${whose} on the test part that are farthest from the truth.`;
  const whole = errorCount ?? errors.length;
  if (whole <= errors.length) return html`All ${plural(whole, 'wrong prediction')}${whose} on the test part, ${order}.`;
  const which = labels.length > 1 && ': the worst ones, and of every label that is not among them its worst';
  return html`${plural(errors.length, 'wrong prediction')}${whose} of ${formatCount(whole)} on the test part,
  ${order}${which}.`;
}

/** What the marks mean that these errors bear. */
function legend(errors: readonly ErrorExample[]): Markup | undefined {
  const any = (of: (error: ErrorExample) => readonly unknown[] | undefined) =>
    errors.some((error) => (of(error)?.length ?? 0) > 0);
  const spans = any((error) => error.goldEntities) || any((error) => error.predictedEntities);
  const entries = [
    spans && html`<mark class="true">true</mark> but not predicted`,
    spans && html`<mark class="predicted">predicted</mark> but not true`,
    spans && html`<mark class="right">both</mark>`,
    any((error) => error.mentions) && html`<mark class="given">given</mark> entity`,
    errors.some(({ evidence }) => evidence) &&
      html`<mark class="evidence">the passage</mark> that spoke most for the prediction`,
  ].filter((entry) => entry !== false);
  if (entries.length === 0) return undefined;
  return html`<p class="legend">${entries.map((entry) => html`<span>${entry}</span> `)}</p>`;
}

function example(error: ErrorExample, kind: TaskReport['kind']): Markup {
  const { confidence, error: distance, id } = error;
  const sure =
    confidence !== undefined &&
    confidence > 0 &&
    error.choices === undefined &&
    html`<span>confidence ${formatPercent(confidence)}</span>`;
  const off = distance !== undefined && html`<span>off by ${threeDigits(distance)}</span>`;
  return html`${texts(error, kind)} ${error.choices && choices(error)}
    <p class="answers">${error.choices === undefined && answers(error, kind)} ${off} ${sure}</p>
    ${id !== undefined && html`<p class="source">example ${id}</p>`}`;
}

/** The texts that were read, in the order in which a person reads them, each under its name where there are several. */
function texts({ text, second, context, before, after, ...error }: ErrorExample, kind: TaskReport['kind']): Markup {
  const { right, missed, wrong } = compareSpans(error.goldEntities ?? [], error.predictedEntities ?? []);
  const marked = (kind: Mark['kind'], spans: readonly Omit<Mark, 'kind'>[]) => spans.map((span) => ({ ...span, kind }));
  const evidenceIn = (of: 'text' | 'second') =>
    error.evidence?.of === of ? marked('evidence', [{ start: error.evidence.start, end: error.evidence.end }]) : [];
  // Answers are named in words below; a name behind each in the text would say nothing.
  const named = <S extends Mark>(marks: readonly S[]): Mark[] =>
    kind === 'span-selection' ? marks.map(({ start, end, kind }) => ({ start, end, kind })) : [...marks];
  const own = markedText(text, [
    ...named([
      ...marked('right', right),
      ...marked('true', missed),
      ...marked('predicted', wrong),
      ...marked('given', error.mentions ?? []),
    ]),
    ...evidenceIn('text'),
  ]);
  if (before !== undefined || after !== undefined) {
    // Line breaks in a text are shown, so there are none around its pieces.
    const around = (sentences: readonly string[] = []) => html`<span class="quiet">${sentences.join(' ')}</span>`;
    const sentences = [around(before), ' ', html`<mark class="given">${own}</mark>`, ' ', around(after)];
    return html`<div class="text" dir="auto">${sentences}</div>`;
  }
  const other = second === undefined ? undefined : markedText(second, evidenceIn('second'));
  const asked = kind === 'span-selection';
  const rows: (readonly [name: string, text: Markup] | undefined)[] = asked
    ? [other && ['Question', other], ['Passage', own]]
    : [
        context === undefined ? undefined : ['Passage', markedText(context, [])],
        [other === undefined ? (context === undefined ? '' : 'Question') : 'First text', own],
        other && ['Second text', other],
      ];
  return html`${rows
    .filter((row) => row !== undefined)
    .map(
      ([name, content]) =>
        html`${name !== '' && html`<p class="side">${name}</p>`}
          <div class="text" dir="auto">${content}</div>`,
    )}`;
}

function choices({ choices = [], gold, predicted }: ErrorExample): Markup {
  return html`<ul class="choices">
    ${choices.map(
      ({ text, probability }) =>
        html`<li>
          ${text}
          <span class="quiet">${formatPercent(probability)}</span> ${gold.includes(text) && chip('true', 'good')}
          ${predicted.includes(text) && chip('predicted', 'bad')}
        </li>`,
    )}
  </ul>`;
}

/** What is true and what was predicted, in words; of entities and relations only what is not the same. */
function answers(error: ErrorExample, kind: TaskReport['kind']): Markup {
  const { gold, predicted, goldEntities, predictedEntities = [], mentions } = error;
  if (mentions !== undefined || kind === 'joint-extraction')
    return html`${missed(chipsOf(gold, 'good'))} ${wronglyPredicted(chipsOf(predicted, 'bad'))}`;
  // Of several labels those that are right on both sides stand back.
  const chips = (own: readonly string[], others: readonly string[], tone: string) =>
    own.map((name) => chip(name, others.includes(name) ? '' : tone));
  const spans = kind === 'span-selection' ? undefined : goldEntities;
  const names = (gold.length + predicted.length > 0 || spans === undefined) && [
    side('true', chips(gold, predicted, 'good'), 'no label'),
    side('predicted', chips(predicted, gold, 'bad'), 'no label'),
  ];
  return html`${names} ${spans && entityAnswers(error.text, spans, predictedEntities)}`;
}

function entityAnswers(text: string, gold: readonly Span[], predicted: readonly Span[]): Markup {
  const compared = compareSpans(gold, predicted);
  const chips = (spans: readonly Span[], tone: string) =>
    spans.map(({ start, end, label }) => chip(`${text.slice(start, end)} · ${label}`, tone));
  const right = compared.right.length;
  return html`${missed(chips(compared.missed, 'good'))} ${wronglyPredicted(chips(compared.wrong, 'bad'))}
  ${right > 0 && html`<span>right ${formatCount(right)}</span>`}`;
}

const side = (name: string, chips: readonly Markup[], nothing: string): Markup =>
  html`<span>${name} ${chips.length === 0 ? chip(nothing, '') : chips.map((one) => html`${one} `)}</span>`;
const missed = (chips: readonly Markup[]) => side('missed', chips, 'nothing');
const wronglyPredicted = (chips: readonly Markup[]) => side('wrongly predicted', chips, 'nothing');
const chip = (name: string, tone: string): Markup => html`<span class="chip ${tone}">${name}</span>`;
const chipsOf = (names: readonly string[], tone: string) => names.map((name) => chip(name, tone));
