/** Span selection: windows with the question before them, the best spans over all of them, silence, and SQuAD's scores. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SpanExample } from '../data/index.js';
import { agreeingFirst, bestSpans } from './best-spans.js';
import { readQuestions, tokensOfSpan } from './question-windows.js';
import { randomText, runTask, tokenizer } from './spec-support.js';
import { createTask } from './task-types.js';
import type { Feature } from './task.js';

const task = createTask('span-selection', { name: 'qa', labels: [], settings: { answerLength: 40 } });
const lengths = { maxLength: 32, stride: 12, targets: true };
const text =
  'the red cat sat on the old mat near the river while a big dog saw the tree and the road behind the bank of it';
const spanOf = (words: string, from = text) => ({
  start: from.indexOf(words),
  end: from.indexOf(words) + words.length,
});
const example: SpanExample = { id: 'q', text, second: 'where', answers: [spanOf('old mat')] };

/** Scores that give one span of the text its points, in the windows that hold it; the first token has `silence` in all. */
function logitsFor(features: readonly Feature[], span: { start: number; end: number }, points: number, silence = 0) {
  return features.map(({ ids, starts, ends, stretch }) => {
    const scores = new Float32Array(2 * ids.length).fill(-5);
    scores[0] = scores[ids.length] = silence / 2;
    for (let at = stretch.first; at < stretch.first + stretch.count; at++) {
      if (starts[at] === span.start) scores[at] = points / 2;
      if (ends[at] === span.end) scores[ids.length + at] = points / 2;
    }
    return scores;
  });
}

describe('reading', () => {
  test('every window holds the question and its stretch of the text, as the tokenizer reads the pair', async () => {
    const drawn = randomText(['A']).map((one) => one.text);
    await fc.assert(
      fc.asyncProperty(drawn, drawn, async (question, passage) => {
        fc.pre(question !== '' && passage !== '');
        const features = await readQuestions([{ question, passage }], tokenizer, { maxLength: 24, stride: 4 });
        const pair = await tokenizer.encode(question, { pair: passage });
        const begins = pair.sequenceIds.indexOf(1);
        let covered = 0;
        for (const { ids, typeIds, starts, ends, stretch } of features) {
          expect(ids.length).toBeLessThanOrEqual(24);
          expect(stretch.offset).toBeLessThanOrEqual(covered);
          covered = stretch.offset + stretch.count;
          for (let k = 0; k < stretch.count; k++) {
            const [here, there] = [stretch.first + k, begins + stretch.offset + k];
            expect([ids[here], typeIds[here], starts[here], ends[here]]).toEqual(
              [pair.ids, pair.typeIds, pair.starts, pair.ends].map((values) => values[there]),
            );
          }
        }
        expect(covered).toBe(begins === -1 ? 0 : pair.sequenceIds.lastIndexOf(1) + 1 - begins);
        if (pair.ids.length <= 24) expect(features.map(({ ids }) => ids)).toEqual([pair.ids]);
      }),
      { numRuns: 60 },
    );
  });

  test('the truth of a window are the tokens of the answer, or the first token where it does not hold it', async () => {
    const features = await task.features([example], tokenizer, lengths);
    const answer = spanOf('old mat');
    expect(features.length).toBeGreaterThan(2);
    for (const { target, starts, ends, stretch } of features) {
      const [from = 0, to = 0] = target ?? [];
      if (from > 0) expect(text.slice(starts[from], ends[to])).toBe('old mat');
      else expect(to).toBe(0);
      const last = stretch.first + stretch.count - 1;
      expect(from > 0).toBe((starts[stretch.first] ?? 0) <= answer.start && (ends[last] ?? 0) >= answer.end);
    }
  });

  test('only so many windows are learnt from, those with the answer among them; all are read to predict', async () => {
    const one = createTask('span-selection', { name: 'qa', labels: [], settings: { windows: 2 } });
    const late = { ...example, answers: [spanOf('the bank')] };
    const [all, learnt] = [
      await one.features([late], tokenizer, lengths),
      await one.features([late], tokenizer, { ...lengths, learning: true }),
    ];
    expect(learnt).toHaveLength(2);
    expect(all.length).toBeGreaterThan(3);
    const withAnswer = (features: readonly Feature[]) => features.filter(({ target }) => target?.[0] !== 0).length;
    expect(withAnswer(learnt)).toBe(Math.min(2, withAnswer(all)));
    expect(one.notes([late], learnt)).toEqual([expect.stringContaining('1 of 1 texts are longer')]);
  });

  test('of a long text only the windows most like the question are read, if so many are not wanted', async () => {
    const one = createTask('span-selection', { name: 'qa', labels: [], settings: { readWindows: 1 } });
    const features = await one.features([{ id: 'q', text, second: 'big dog' }], tokenizer, {
      ...lengths,
      targets: false,
    });
    expect(features).toHaveLength(1);
    const { starts, ends, stretch } = features[0] as Feature;
    expect(text.slice(starts[stretch.first], ends[stretch.first + stretch.count - 1])).toContain('big dog');
  });

  test('tokens of a span are all that hold some of it', () => {
    const tokens = { starts: Int32Array.of(0, 4, 7), ends: Int32Array.of(3, 7, 9) };
    expect(tokensOfSpan(tokens, { start: 5, end: 8 })).toEqual({ first: 1, last: 2 });
    expect(tokensOfSpan(tokens, { start: 3, end: 4 })).toBeUndefined();
  });

  test('without a question it says so', async () => {
    const features = task.features([{ id: 'text 1', text: 'a' }], tokenizer, { ...lengths, targets: false });
    await expect(features).rejects.toMatchObject({ code: 'FC_DATA', message: expect.stringContaining('question') });
  });
});

describe('decoding', () => {
  test('finds the best span over all windows, with its place in the text', async () => {
    const features = await task.features([example], tokenizer, lengths);
    for (const words of ['the red', 'old mat', 'saw the tree', 'the bank of it']) {
      const [prediction] = task.decode([example], features, logitsFor(features, spanOf(words), 8), {});
      expect(prediction?.answer).toEqual({ ...spanOf(words), text: words });
    }
  });

  test('is silent where no answer does better by more than the threshold, in the window that is least for it', async () => {
    const features = await task.features([example], tokenizer, lengths);
    const logits = logitsFor(features, spanOf('old mat'), 3, 5);
    const decide = (nullThreshold: number) => task.decode([example], features, logits, { nullThreshold })[0]?.answer;
    expect([decide(1), decide(3)?.text]).toEqual([undefined, 'old mat']);
    logits[1]?.fill(-1, 0, 1);
    expect(decide(1)?.text).toBe('old mat');
  });

  test('no answer is longer than answers of training are', async () => {
    const trainExamples = Array.from({ length: 200 }, (_, i) => ({
      ...example,
      answers: i === 0 ? [{ start: 0, end: text.length }] : [spanOf('cat sat')],
    }));
    const short = createTask('span-selection', { name: 'qa', labels: [], trainExamples });
    expect(short.settings).toEqual({ answerLength: 7 });
    const features = await short.features([example], tokenizer, { ...lengths, maxLength: 60 });
    const [prediction] = short.decode([example], features, logitsFor(features, spanOf('old mat near'), 8), {});
    expect(prediction?.candidates.every(({ start, end }) => end - start <= 7)).toBe(true);
  });

  test('of spans about as likely the one that agrees with most is first, of others the likeliest', () => {
    const span = (start: number, end: number, score: number) => ({ start, end, score });
    // Three around one place, and one elsewhere that is a little better than each.
    const spans = [span(50, 60, 1), span(0, 10, 0.9), span(2, 12, 0.8), span(0, 12, 0.7)];
    const first = (temperature: number) => agreeingFirst(spans, temperature)[0];
    expect([first(1), first(0.01)]).toEqual([spans[3], spans[0]]);
    expect(agreeingFirst(spans, 1)).toEqual([spans[3], spans[0], spans[1], spans[2]]);
    expect(agreeingFirst([], 1)).toEqual([]);
    // Shares of 1/4 each: of the whole, F1 is 10/11 with the two inner ones, and none with the other.
    const even = spans.map((one) => ({ ...one, score: 0 }));
    expect(agreeingFirst(even, 1)[0]).toEqual({ ...spans[3], score: 0 });
  });

  test('the best sums of starts and ends are all found where there are few', () => {
    const scores = fc.array(fc.float({ min: -9, max: 9, noNaN: true }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(scores, (drawn) => {
        const at = Int32Array.from({ length: 8 }, (_, i) => 2 * i);
        const feature = {
          ...{ example: 0, window: 0, ids: at, typeIds: at, starts: at, ends: at.map((i) => i + 1), wordIds: at },
          stretch: { first: 2, count: 5, offset: 0 },
        };
        const [best] = bestSpans(feature, Float32Array.from(drawn), 100);
        let expected = -Infinity;
        for (let i = 2; i < 7; i++)
          for (let j = i; j < 7; j++)
            expected = Math.max(expected, Math.fround(drawn[i]!) + Math.fround(drawn[8 + j]!));
        expect(best?.score).toBeCloseTo(expected, 5);
      }),
    );
  });
});

test('the loss is the mean cross entropy of starts and ends', async () => {
  const features = await task.features([{ ...example, text: text.slice(0, 40) }], tokenizer, {
    ...lengths,
    maxLength: 40,
  });
  const [feature] = features;
  const { loss, logits, parameters } = await runTask(task, features);
  const length = feature?.ids.length ?? 0;
  const crossEntropy = (side: number) => {
    const row = Array.from(logits[0]?.subarray(side * length, (side + 1) * length) ?? []);
    return Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - (row[feature?.target?.[side] ?? -1] ?? NaN);
  };
  expect(loss).toBeCloseTo((crossEntropy(0) + crossEntropy(1)) / 2, 5);
  expect([...parameters.keys()].filter((name) => name.startsWith('heads.'))).toEqual([
    'heads.qa.qa_outputs.weight',
    'heads.qa.qa_outputs.bias',
  ]);
});

describe('scores', () => {
  const silent = { candidates: [], noAnswer: 1 };
  const says = (words: string) => {
    const answer = { ...spanOf(words), text: words };
    return { answer, candidates: [{ ...answer, probability: 1 }], noAnswer: 0 };
  };
  const without: SpanExample = { ...example, id: 'n', answers: [] };
  const foreign: SpanExample = { ...without, id: 'f', foreign: true };

  test('are those of SQuAD 2.0, questions with and without an answer apart, foreign ones not among them', () => {
    const { metrics } = task.score(
      [example, { ...example, id: 'r' }, without, { ...without, id: 'o' }, foreign, { ...foreign, id: 'g' }],
      [says('the old mat near'), silent, silent, says('tree'), silent, silent],
    );
    // "the" does not count: old mat of old mat near has a precision of 2/3 and a recall of 1.
    expect(metrics).toEqual({
      ...{ f1: (0.8 + 0 + 1 + 0) / 4, exactMatch: 1 / 4, hasAnswerF1: 0.4, hasAnswerExactMatch: 0 },
      ...{ forcedF1: 0.4, forcedExactMatch: 0, noAnswerAccuracy: 0.5, foreignAccuracy: 1 },
    });
    expect(Object.keys(task.score([example], [silent]).metrics)).toEqual(['f1', 'exactMatch']);
  });

  test('the threshold is the one with the best F1 on dev', async () => {
    const examples = [example, without, { ...example, id: 'r' }];
    const features = await task.features(examples, tokenizer, lengths);
    const margins = [-2, 3, 1];
    const logits = features.map(
      (feature) => logitsFor([feature], spanOf('old mat'), 0, margins[feature.example])[0] ?? new Float32Array(0),
    );
    const tuning = task.tune(examples, features, logits);
    expect(tuning).toEqual({ nullThreshold: 2 });
    expect(task.score(examples, task.decode(examples, features, logits, tuning)).metrics['f1']).toBe(1);
    expect(
      task.tune(
        [example],
        features.filter((feature) => feature.example === 0),
        logits,
      ),
    ).toEqual({});
  });

  test('the answer that agrees with most is given where dev has a better F1 by it', async () => {
    const features = await task.features([example], tokenizer, { ...lengths, maxLength: 60 });
    const logits = features.map(({ ids }) => new Float32Array(2 * ids.length));
    const place = (words: string, score: number) => {
      const { starts, ends, ids, stretch } = features[0]!;
      const { start, end } = spanOf(words);
      for (let at = stretch.first; at < stretch.first + stretch.count; at++) {
        if (starts[at] === start) logits[0]![at] = score;
        if (ends[at] === end) logits[0]![ids.length + at] = score;
      }
    };
    // The likeliest is one word elsewhere; two others overlap where the answer is.
    place('bank', 4);
    place('the old mat near', 3.9);
    place('old mat', 3.9);
    const tuning = task.tune([example], features, logits);
    expect(tuning.agreement).toBeGreaterThan(0);
    const [alone, together] = [{}, tuning].map((one) => task.decode([example], features, logits, one)[0]);
    expect(alone?.answer?.text).toBe('bank');
    expect(together?.answer?.text).toContain('old mat');
    expect(together?.candidates[0]?.text).toBe(together?.answer?.text);
    expect(together?.noAnswer).toBe(alone?.noAnswer);
    const right: SpanExample = { ...example, answers: [spanOf('bank')] };
    expect(task.tune([right], features, logits)).toEqual({});
  });

  test('baselines: the first sentence or silence, and the sentence that is most like the question', () => {
    const passages: SpanExample[] = ['river', 'engine', 'garden', 'letter'].map((word, i) => {
      const passage = `Nothing is said here. The ${word} is behind the tree. Nobody knows it.`;
      const answers = [spanOf(`The ${word} is behind the tree.`, passage)];
      return { id: String(i), text: passage, second: `where is the ${word}`, answers };
    });
    const [majority, tfidf] = task.baselines();
    const f1 = (baseline: typeof tfidf, dev: SpanExample[]) =>
      task.score(passages, baseline?.predict(passages, dev, passages) ?? []).metrics['f1'];
    expect(f1(majority, passages)).toBeLessThan(0.5);
    expect(f1(tfidf, passages)).toBe(1);
    const answersOf = (dev: SpanExample[]) => majority?.predict(passages, dev, [example])[0]?.answer;
    expect(answersOf(passages)?.start).toBe(0);
    expect(answersOf([without, example])).toBeUndefined();
  });

  test('mistakes show the question, the passage and both answers in it', () => {
    const [mistake] = task.mistakes([example, without], [says('big dog'), silent]);
    expect(mistake).toMatchObject({ id: 'q', gold: ['old mat'], predicted: ['big dog'], confidence: 1 });
    expect(mistake).toMatchObject({ text, second: 'where', goldEntities: [{ label: 'answer' }] });
    const found = mistake?.predictedEntities?.map(({ start, end }) => text.slice(start, end));
    expect(found).toEqual(['big dog']);
    expect(task.mistakes([without], [says('tree')])[0]?.gold).toEqual(['(no answer)']);
  });
});
