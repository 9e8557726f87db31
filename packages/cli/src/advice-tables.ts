/** Advice as a person reads it: what a task's data is like, what would be done with it and why, and the command. */
import {
  distanceOf,
  flagsOf,
  formatCount,
  formatPercent,
  type Advice,
  type RecipeLine,
  type TaskAdvice,
  type TaskMeasures,
} from '@fieldcraft/core';
import { drawFacts, type Fact } from './run-tables.js';
import type { Screen } from './screen.js';
import { wrap } from './tables.js';

export function drawAdvice(screen: Screen, { base, general, tasks, together }: Advice): string[] {
  return [
    '',
    base === 'scratch' ? 'No pretrained encoder: what depends on its vocabulary was not measured.' : `Base: ${base}`,
    general === null ? 'No general text is on this machine to compare with.' : `Compared with general text: ${general}`,
    ...tasks.flatMap((task) => drawTask(screen, task)),
    ...(together === undefined
      ? []
      : [
          '',
          screen.style('bold', 'All tasks in one run'),
          ...(together.left.length === 0
            ? []
            : [`  The tasks do not agree on ${together.left.join(', ')}, left out here.`]),
          `  ${screen.style('cyan', together.command)}`,
        ]),
  ];
}

function drawTask(screen: Screen, { measures, regime, why, recipe, command }: TaskAdvice): string[] {
  const tries = recipe.filter(({ taken }) => !taken);
  return [
    ...drawFacts(screen, `${measures.task}: ${regime} (${why})`, factsOf(measures)),
    ...drawLines(
      screen,
      'Recipe',
      recipe.filter(({ taken }) => taken),
    ),
    ...(tries.length === 0 ? [] : drawLines(screen, 'Worth a try beside it', tries)),
    '',
    screen.style('bold', 'Command'),
    `  ${screen.style('cyan', command)}`,
  ];
}

function factsOf(measures: TaskMeasures): Fact[] {
  const { kind, origin, examples, sampled, lengths, balance, findings } = measures;
  const { train, dev, test, folds } = examples;
  const parts =
    folds === undefined
      ? `${formatCount(train)} to learn from, ${formatCount(dev)} dev, ${formatCount(test)} test`
      : `${formatCount(train)}, cross-validated in ${folds} rounds`;
  const drawn = sampled < train ? `; lengths and words measured on ${formatCount(sampled)} of them` : '';
  const { median, p95, window, longer } = lengths;
  return [
    ['kind', kind],
    ['examples', `${parts}; from ${origin}${drawn}`],
    [
      'tokens',
      `median ${formatCount(median)}, 95th percentile ${formatCount(p95)}; ${formatPercent(longer)} longer than the window of ${formatCount(window)}`,
    ],
    ...(balance === undefined
      ? []
      : [
          [
            'labels',
            balance.classes === 1
              ? `one, ${balance.rarest.label} (${formatCount(balance.rarest.count)})`
              : `${formatCount(balance.classes)}; rarest ${balance.rarest.label} (${formatCount(balance.rarest.count)}), commonest ${balance.commonest.label} (${formatCount(balance.commonest.count)}), ratio ${formatRatio(balance.ratio)}, evenness ${balance.evenness.toFixed(2)}`,
          ] as const,
        ]),
    ...vocabularyFacts(measures),
    ...languageFacts(measures),
    ...noiseFacts(measures),
    ...findings.map(({ severity, what }): Fact => [severity === 'info' ? 'found' : severity, what]),
  ];
}

const formatRatio = (ratio: number): string => (ratio < 10 ? ratio.toFixed(1) : formatCount(ratio));

/** Words that a line names. */
const fewWords = 6;

function vocabularyFacts({ vocabulary }: TaskMeasures): Fact[] {
  if (vocabulary === undefined) return [];
  const { fertility, whole, unknown, shattered } = vocabulary;
  const cut = shattered.slice(0, fewWords).map(({ word, pieces }) => `${word} (${pieces})`);
  return [
    [
      'vocabulary',
      `${fertility.toFixed(2)} tokens a word, ${formatPercent(whole)} of the words whole${unknown > 0 ? `, ${formatPercent(unknown)} with unknown characters` : ''}${cut.length === 0 ? '' : `; cut most: ${cut.join(', ')}`}`,
    ],
  ];
}

function languageFacts({ language }: TaskMeasures): Fact[] {
  if ('why' in language) return [['language', `not measured: ${language.why}`]];
  const { general, overlap, ceiling, frequentWords, domain, telling } = language;
  const distance = { near: 'near', 'some way': 'some way from', far: 'far from' }[distanceOf(language)];
  return [
    [
      'language',
      `${distance} general text: ${formatPercent(overlap)} of the ${formatCount(frequentWords)} most frequent words are frequent in ${general} too, where two halves of ${general} share ${formatPercent(ceiling)}`,
    ],
    ...(domain === undefined
      ? []
      : [
          [
            'told apart',
            `from general text on ${formatPercent(domain.accuracy)} of stretches of 16 words, by a classifier of words (AUC ${domain.auc.toFixed(3)}, proxy A-distance ${domain.distance.toFixed(2)} of 2)`,
          ] as const,
        ]),
    ['by words', telling.join(', ')],
  ];
}

function noiseFacts({ noise }: TaskMeasures): Fact[] {
  if ('why' in noise) return [['label noise', noise.why]];
  const { share, accuracy, examples, suspects } = noise;
  const named = suspects.slice(0, 3).map(({ id, given, likelier }) => `${id} (${given}, or ${likelier}?)`);
  return [
    [
      'label noise',
      `at most about ${formatPercent(share)}: so many of ${formatCount(examples)} labels a model of words contradicts with confidence; it is right on ${formatPercent(accuracy)}, and part of these are its own mistakes${named.length === 0 ? '' : `. Look first at ${named.join(', ')}`}`,
    ],
  ];
}

/** Each with its reason and whom it follows below it. */
function drawLines(screen: Screen, title: string, lines: readonly RecipeLine[]): string[] {
  const width = Math.max(...lines.map(({ about }) => about.length)) + 4;
  const indented = (text: string) => wrap(text, screen.width() - width).map((line) => ' '.repeat(width) + line);
  return [
    '',
    screen.style('bold', title),
    ...lines.flatMap(({ about, advice, options, why, source, taken }) => [
      ...wrap(advice, screen.width() - width).map(
        (line, i) => screen.style('dim', `  ${i === 0 ? about : ''}`.padEnd(width)) + line,
      ),
      // The command below has the others.
      ...(taken || flagsOf(options).length === 0
        ? []
        : indented(flagsOf(options).join(' ')).map((line) => screen.style('cyan', line))),
      ...indented(`because ${why}`),
      ...indented(`after ${source}`).map((line) => screen.style('dim', line)),
    ]),
  ];
}
