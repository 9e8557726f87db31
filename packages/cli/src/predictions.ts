/** Predictions as a person reads them, and as programs do. */
import {
  formatPercent,
  formatScore,
  intentOf,
  unitsToCodePoints,
  type ChoicePrediction,
  type ClassificationPrediction,
  type CodeGuess,
  type CodePrediction,
  type EntityPrediction,
  type Evidence,
  type ModelInput,
  type MultiLabelPrediction,
  type PredictableTask,
  type Prediction,
  type RelationPrediction,
  type SlotPrediction,
  type SpanPrediction,
} from '@fieldcraft/core';
import type { Screen } from './screen.js';

/** Runners-up of a classification that are shown. */
const shownAlternatives = 2;
/** Less likely ones say nothing. */
const leastShare = 0.01;

/** The text and what was predicted for it, in a few lines. */
export function drawPrediction(
  screen: Screen,
  { labels, titles }: PredictableTask,
  { text, second, choices = [], mentions = [] }: ModelInput,
  prediction: Prediction,
): string[] {
  if ('intents' in prediction)
    return [...drawEntities(screen, text, prediction), ...drawIntents(screen, labels, prediction)];
  if ('relations' in prediction) {
    const { entities } = prediction;
    const lines = entities === undefined ? [oneLine(text)] : drawEntities(screen, text, { entities });
    return [...lines, ...drawRelations(screen, text, entities ?? mentions, prediction)];
  }
  if ('entities' in prediction) return drawEntities(screen, text, prediction);
  if ('candidates' in prediction) return [oneLine(second ?? ''), ...drawAnswer(screen, prediction)];
  if ('ranking' in prediction) return [beginning(text), ...drawCodes(screen, titles, prediction)];
  if ('choice' in prediction) return [oneLine(text), ...drawChoices(screen, choices, prediction)];
  if ('nearest' in prediction) {
    const found = prediction.nearest.map(({ document, score }) => ({ text: document, score }));
    return [oneLine(text), ...drawRanking(screen, found)];
  }
  if ('value' in prediction) {
    const cosine = 'cosine' in prediction ? screen.style('dim', `  cosine ${formatScore(prediction.cosine)}`) : '';
    const pair = second === undefined ? [] : [`  — ${oneLine(second)}`];
    const value = screen.style('bold', String(Number(prediction.value.toPrecision(4))));
    return [oneLine(text), ...pair, `  ${value}${cosine}`];
  }
  if (!('label' in prediction)) return [oneLine(text), ...drawLabels(screen, labels, prediction)];
  const { evidence } = prediction;
  return [
    // Of a long contract only what speaks for the answer.
    ...(evidence?.of === 'text' ? [] : [oneLine(text)]),
    ...(second === undefined || evidence?.of === 'second' ? [] : [`  — ${oneLine(second)}`]),
    ...drawClasses(screen, labels, prediction),
    ...(evidence === undefined ? [] : [drawEvidence(screen, evidence)]),
  ];
}

/** Codes that training does not have which are shown, whether or not they are assigned. */
const shownUnseen = 3;

/** The codes assigned with their titles and the segment that was looked at most, and the likeliest of those that were never learnt. */
function drawCodes(
  screen: Screen,
  titles: PredictableTask['titles'],
  { codes, ranking: [nearest], unseen }: CodePrediction,
): string[] {
  const draw = ({ code, probability, evidence }: CodeGuess, style: 'bold' | 'dim') => {
    const name = titles?.[code] === undefined ? code : `${code} ${titles[code]}`;
    const line = `  ${screen.style(style, name)}  ${formatPercent(probability)}`;
    if (evidence === undefined) return [line];
    const place = `    looked at most: characters ${evidence.start} to ${evidence.end}: ${beginning(evidence.text)}`;
    return [line, screen.style('dim', place)];
  };
  const others = unseen.filter(({ code }) => !codes.some((one) => one.code === code)).slice(0, shownUnseen);
  const none = nearest === undefined ? [] : [screen.style('dim', '  no code; nearest:'), ...draw(nearest, 'dim')];
  return [
    ...(codes.length === 0 ? none : codes.flatMap((guess) => draw(guess, 'bold'))),
    ...(others.length === 0
      ? []
      : [
          screen.style('dim', '  never learnt, by their titles alone:'),
          ...others.flatMap((guess) => draw(guess, 'dim')),
        ]),
    screen.style('dim', '  What was looked at is no proof: it has not been evaluated.'),
  ];
}

/** Characters of a candidate that are shown. */
const shownCandidate = 100;

/** Texts by how like a query they are, with their scores. */
export function drawRanking(screen: Screen, found: readonly { text: string; score: number }[]): string[] {
  const clipped = (text: string) =>
    text.length > shownCandidate ? `${text.slice(0, shownCandidate).trimEnd()}…` : text;
  return found.map(({ text, score }, i) => {
    const line = `  ${String(i + 1).padStart(String(found.length).length)}  ${formatScore(score)}  ${clipped(oneLine(text))}`;
    return i === 0 ? screen.style('bold', line) : line;
  });
}

function drawChoices(
  screen: Screen,
  choices: readonly string[],
  { choice, probabilities }: ChoicePrediction,
): string[] {
  return choices.map((text, i) => {
    const line = `  ${oneLine(text)}  ${formatPercent(probabilities[i] ?? 0)}`;
    return screen.style(i === choice ? 'bold' : 'dim', line);
  });
}

/** The answer with its place, or that there is none and what would be the nearest. */
function drawAnswer(screen: Screen, { answer, candidates: [best], noAnswer }: SpanPrediction): string[] {
  if (answer !== undefined) {
    const share = best === undefined ? '' : `  ${formatPercent(best.probability)}`;
    const place = screen.style('dim', `  characters ${answer.start} to ${answer.end}`);
    return [`  ${screen.style('bold', oneLine(answer.text))}${share}`, place];
  }
  const nearest = best === undefined ? '' : ` (nearest: ${oneLine(best.text)}  ${formatPercent(best.probability)})`;
  return [screen.style('dim', `  no answer  ${formatPercent(noAnswer)}${nearest}`)];
}

function drawRelations(
  screen: Screen,
  text: string,
  mentions: NonNullable<ModelInput['mentions']>,
  { relations }: RelationPrediction,
): string[] {
  const words = (i: number) => oneLine(text.slice(mentions[i]?.start, mentions[i]?.end));
  if (relations.length === 0) return [screen.style('dim', '  no relations')];
  return relations.map(
    ({ head, tail, label, confidence }) =>
      `  ${words(head)} — ${screen.style('bold', label)} → ${words(tail)}  ${formatPercent(confidence)}`,
  );
}

const drawEvidence = (screen: Screen, { start, end, text }: Evidence): string =>
  screen.style('dim', `  characters ${start} to ${end}: ${oneLine(text)}`);

function drawClasses(
  screen: Screen,
  labels: readonly string[],
  { label, probabilities }: ClassificationPrediction,
): string[] {
  const [, ...others] = rank(labels, probabilities, (name) => (name === label ? 1 : 0));
  const alternatives = others.filter(({ share }) => share >= leastShare).slice(0, shownAlternatives);
  const best = probabilities[labels.indexOf(label)] ?? 0;
  return [
    `  ${screen.style('bold', label)}  ${formatPercent(best)}`,
    ...alternatives.map(({ name, share }) => screen.style('dim', `  ${name}  ${formatPercent(share)}`)),
  ];
}

function drawLabels(screen: Screen, labels: readonly string[], prediction: MultiLabelPrediction): string[] {
  const ranked = rank(labels, prediction.probabilities);
  const chosen = ranked.filter(({ name }) => prediction.labels.includes(name));
  if (chosen.length > 0)
    return chosen.map(({ name, share }) => `  ${screen.style('bold', name)}  ${formatPercent(share)}`);
  const [nearest] = ranked;
  const hint = nearest === undefined ? '' : ` (nearest: ${nearest.name}  ${formatPercent(nearest.share)})`;
  return [screen.style('dim', `  no label${hint}`)];
}

/** The intents of slot filling, which stand among the labels of slots as `intent:...`. */
function drawIntents(
  screen: Screen,
  labels: readonly string[],
  { intents, intentProbabilities }: SlotPrediction,
): string[] {
  return drawLabels(screen, intentsOf(labels), { labels: intents, probabilities: intentProbabilities });
}

/** The text with its entities between brackets: `[Acme Corp.|BUSINESS 97.1 %]`. */
function drawEntities(screen: Screen, text: string, { entities }: EntityPrediction): string[] {
  let marked = '';
  let at = 0;
  for (const { start, end, label, confidence } of entities) {
    // One inside another is shown where it is related.
    if (start < at) continue;
    const name = screen.style('cyan', `|${label} ${formatPercent(confidence)}`);
    marked += `${text.slice(at, start)}[${screen.style('bold', text.slice(start, end))}${name}]`;
    at = end;
  }
  return [oneLine(marked + text.slice(at)), ...(entities.length === 0 ? [screen.style('dim', '  no entities')] : [])];
}

function rank(labels: readonly string[], probabilities: readonly number[], first: (name: string) => number = () => 0) {
  return labels
    .map((name, i) => ({ name, share: probabilities[i] ?? 0 }))
    .sort((a, b) => first(b.name) - first(a.name) || b.share - a.share);
}

const intentsOf = (labels: readonly string[]): string[] => labels.flatMap((label) => intentOf(label) ?? []);

/** Characters of a long text that are shown. */
const shownText = 160;

const beginning = (text: string): string =>
  text.length <= shownText ? oneLine(text) : `${oneLine(text.slice(0, shownText))} …`;

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ');

/**
 * One object a text. Probabilities stand by label; entity offsets count code points, as in the JSON Lines that training reads, so that
 * predictions can be corrected and trained on.
 */
export function predictionRecord(
  { name, labels, titles }: PredictableTask,
  input: ModelInput,
  prediction: Prediction,
): object {
  const { text } = input;
  if ('relations' in prediction) {
    const { relations, entities } = prediction;
    const mentions = spansInPoints(text, entities ?? input.mentions ?? []);
    return { text, task: name, mentions, relations };
  }
  if ('entities' in prediction) {
    const entities = spansInPoints(text, prediction.entities);
    if (!('intents' in prediction)) return { text, task: name, entities };
    const { intents, intentProbabilities } = prediction;
    const shares = Object.fromEntries(intentsOf(labels).map((intent, i) => [intent, intentProbabilities[i]]));
    return { text, task: name, intents, intentProbabilities: shares, entities };
  }
  if ('ranking' in prediction) {
    const { codes, ranking, unseen } = prediction;
    const described = (guesses: readonly CodeGuess[]) =>
      guesses.map(({ evidence, ...guess }) => ({
        ...guess,
        ...(titles?.[guess.code] === undefined ? {} : { title: titles[guess.code] }),
        ...(evidence === undefined ? {} : { evidence: inCodePoints(evidence, input), evidenceEvaluated: false }),
      }));
    return { text, task: name, codes: described(codes), ranking, unseen: described(unseen) };
  }
  if ('choice' in prediction)
    return { ...input, task: name, ...prediction, answer: input.choices?.[prediction.choice] };
  if ('candidates' in prediction) {
    const { answer, candidates, noAnswer } = prediction;
    const inPoints = <S extends { start: number; end: number }>(span: S): S => {
      const [start = 0, end = 0] = unitsToCodePoints(text, [span.start, span.end]);
      return { ...span, start, end };
    };
    const answers = answer === undefined ? [] : [inPoints(answer)];
    return { ...input, task: name, answers, noAnswer, candidates: candidates.map(inPoints) };
  }
  if ('value' in prediction || 'nearest' in prediction) return { ...input, task: name, ...prediction };
  const probabilities = Object.fromEntries(labels.map((label, i) => [label, prediction.probabilities[i]]));
  if (!('label' in prediction)) return { text, task: name, labels: prediction.labels, probabilities };
  const { label, evidence } = prediction;
  return {
    ...input,
    task: name,
    label,
    probabilities,
    ...(evidence === undefined ? {} : { evidence: inCodePoints(evidence, input) }),
  };
}

/** Spans of a text with their offsets in code points. */
function spansInPoints<S extends { start: number; end: number }>(text: string, spans: readonly S[]): S[] {
  const offsets = unitsToCodePoints(
    text,
    spans.flatMap(({ start, end }) => [start, end]),
  );
  return spans.map((span, i) => {
    const [start = 0, end = 0] = offsets.slice(2 * i, 2 * i + 2);
    return { ...span, start, end };
  });
}

function inCodePoints(evidence: Evidence, input: ModelInput): Evidence {
  const [start = 0, end = 0] = unitsToCodePoints(input[evidence.of] ?? '', [evidence.start, evidence.end]);
  return { ...evidence, start, end };
}
