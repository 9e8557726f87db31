/** Multi-label classification: reading, masks, loss by hand, decoding over windows, thresholds. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { initialValues } from '../nn/index.js';
import { createTask } from './task-types.js';
import { featureOf, lossOf, randomText, runTask, tokenizer } from './spec-support.js';

const labels = ['tax', 'rent', 'pets'];
const task = createTask('multi-label', { name: 'clauses', labels });
const lengths = { maxLength: 12, stride: 4, targets: true };

const drawnExamples = fc.array(
  fc.tuple(randomText(['A']), fc.array(fc.constantFrom('yes', 'no', 'unknown'), { minLength: 3, maxLength: 3 })),
  { minLength: 1, maxLength: 6 },
);

test('gold logits give back the known labels, and masked ones count nowhere', async () => {
  await fc.assert(
    fc.asyncProperty(
      drawnExamples,
      fc.infiniteStream(fc.double({ min: -9, max: 9, noNaN: true })),
      async (drawn, noise) => {
        const examples = drawn.map(([{ text }, answers], i) => ({
          id: String(i),
          text,
          labels: labels.filter((_, l) => answers[l] === 'yes'),
          masked: labels.filter((_, l) => answers[l] === 'unknown'),
        }));
        const features = await task.features(examples, tokenizer, lengths);
        const logits = features.map(({ target }) =>
          Float32Array.from(labels, (_, l) =>
            target?.[l] === -100 ? Number(noise.next().value) : target?.[l] === 1 ? 9 : -9,
          ),
        );
        const predictions = task.decode(examples, features, logits, {});
        for (const [i, { masked, labels: truth }] of examples.entries()) {
          expect(predictions[i]?.labels.filter((label) => !masked.includes(label))).toEqual(truth);
        }
        const known = examples.some(({ masked }) => masked.length < labels.length);
        expect(task.score(examples, predictions).metrics['hammingLoss']).toBe(0);
        expect(task.score(examples, predictions).metrics['subsetAccuracy']).toBe(known ? 1 : 0);
      },
    ),
    { numRuns: 30 },
  );
});

test('one window is enough for a label to apply', async () => {
  const example = { id: '1', text: 'a b c d e f g h i j k l m n', labels: ['rent'] };
  const features = await task.features([example], tokenizer, { maxLength: 12, stride: 0, targets: true });
  const logits = [Float32Array.of(-3, -3, -3), Float32Array.of(-4, 2, -4)];
  const [prediction] = task.decode([example], features, logits, {});
  expect(prediction?.labels).toEqual(['rent']);
  expect(prediction?.probabilities[0]).toBeCloseTo(1 / (1 + Math.exp(3)), 12);
});

test('thresholds and temperature are learnt from dev', async () => {
  const examples = Array.from({ length: 40 }, (_, i) => ({ id: String(i), text: 'a', labels: i < 12 ? ['tax'] : [] }));
  const features = await task.features(examples, tokenizer, lengths);
  // True ones score -1, false ones -2: at 0.5 nothing would be found.
  const logits = examples.map(({ labels: truth }) => Float32Array.of(truth.length > 0 ? -1 : -2, -9, -9));
  expect(task.score(examples, task.decode(examples, features, logits, {})).metrics['microF1']).toBe(0);
  const tuning = task.tune(examples, features, logits);
  expect(tuning.thresholds?.length).toBe(3);
  expect(task.score(examples, task.decode(examples, features, logits, tuning)).metrics['microF1']).toBe(1);
});

test('loss counts known cells alone, weighs positives, smooths and focuses', async () => {
  const make = (loss: object) => createTask('multi-label', { name: 'm', labels: ['x', 'y'], loss });
  // Probabilities of 3/4 and 1/4; the third cell is true, the fourth not known.
  const logits = { data: [Math.log(3), -Math.log(3), -Math.log(3), 5], shape: ['batch', 2] };
  const features = [featureOf(Float32Array.of(1, 0)), featureOf(Float32Array.of(1, -100))];
  const [sure, wrong] = [Math.log(4 / 3), Math.log(4)];
  expect(await lossOf(make({}), logits, features)).toBeCloseTo((2 * sure + wrong) / 3, 6);
  expect(await lossOf(make({ classWeights: { x: 3 } }), logits, features)).toBeCloseTo(
    (3 * sure + sure + 3 * wrong) / 3,
    6,
  );
  const smooth = 0.9 * (2 * sure + wrong) + 0.1 * (2 * wrong + sure);
  expect(await lossOf(make({ labelSmoothing: 0.2 }), logits, features)).toBeCloseTo(smooth / 3, 6);
  const focal = (2 * sure) / 4 + wrong * 0.75;
  expect(await lossOf(make({ focalGamma: 1 }), logits, features)).toBeCloseTo(focal / 3, 6);
  const none = [featureOf(Float32Array.of(-100, -100)), featureOf(Float32Array.of(-100, -100))];
  expect(await lossOf(make({}), logits, none)).toBe(0);
});

test('balanced weights are negatives over positives among the known, at most 20', async () => {
  const trainExamples = [
    { id: '1', text: 'a', labels: ['x'], masked: ['y'] },
    { id: '2', text: 'b', labels: [], masked: ['y'] },
    { id: '3', text: 'c', labels: [], masked: ['y'] },
    ...Array.from({ length: 31 }, (_, i) => ({ id: `y${i}`, text: 'd', labels: i === 0 ? ['y'] : [], masked: ['x'] })),
  ];
  const balanced = createTask('multi-label', {
    name: 'm',
    labels: ['x', 'y'],
    loss: { classWeights: 'balanced' },
    trainExamples,
  });
  const logits = { data: [0, 0], shape: ['batch', 2] };
  // 2 / 1 for x, and 30 / 1 cut to 20 for y.
  expect(await lossOf(balanced, logits, [featureOf(Float32Array.of(1, 1))])).toBeCloseTo((22 * Math.LN2) / 2, 5);
});

test('what is not known may count as absent, at a weight', async () => {
  const half = createTask('multi-label', { name: 'm', labels: ['x', 'y'], loss: { unknownAsAbsent: 0.5 } });
  const logits = { data: [0, Math.log(3)], shape: ['batch', 2] };
  // -log(1/2) for x, and half of -log(1/4) for y, over one cell and a half.
  const expected = (Math.LN2 + 0.5 * Math.log(4)) / 1.5;
  expect(await lossOf(half, logits, [featureOf(Float32Array.of(1, -100))])).toBeCloseTo(expected, 6);
  // Dev is sure of six true ones, three of them with low scores like those of 20 texts of which nothing is known.
  const examples = Array.from({ length: 26 }, (_, i) => ({
    ...{ id: String(i), text: 'a', labels: i < 6 ? ['x'] : [] },
    masked: i < 6 ? ['y'] : ['x', 'y'],
  }));
  const features = await half.features(examples, tokenizer, lengths);
  const scores = examples.map((_, i) => Float32Array.of(i < 3 ? 3 : -1, -9));
  const found = (made: typeof half) =>
    made.decode(examples, features, scores, made.tune(examples, features, scores)).filter((p) => p.labels.length > 0);
  expect(found(half).length).toBe(3);
  expect(found(createTask('multi-label', { name: 'm', labels: ['x', 'y'] })).length).toBe(26);
});

test('a head starts from the log-odds of its labels in training', async () => {
  const trainExamples = Array.from({ length: 999 }, (_, i) => ({
    id: String(i),
    text: 'a',
    labels: i < 249 ? ['tax'] : [],
    masked: ['rent'],
  }));
  const startOf = async (loss: object) => {
    const made = createTask('multi-label', { name: 'clauses', labels, loss, trainExamples });
    const { parameters } = await runTask(made, await made.features(trainExamples.slice(0, 1), tokenizer, lengths));
    return initialValues(parameters.get('heads.clauses.classifier.bias')!, 1);
  };
  const [third, thousandth] = [Math.log(249.5 / 750.5), Math.log(0.001 / 0.999)];
  const plain = await startOf({});
  [third, 0, thousandth].forEach((start, l) => expect(plain[l]).toBeCloseTo(start, 5));
  const bent = await startOf({ classWeights: { tax: 3 }, unknownAsAbsent: 0.1 });
  [Math.log(747.5 / 750.5), Math.log(0.5 / 100.4), thousandth].forEach((start, l) =>
    expect(bent[l]).toBeCloseTo(start, 5),
  );
});

test('its loss through an encoder is that of its logits', async () => {
  const examples = [
    { id: '1', text: 'a b c', labels: ['tax'], masked: ['pets'] },
    { id: '2', text: 'd', labels: ['rent', 'pets'] },
  ];
  const features = await task.features(examples, tokenizer, lengths);
  const { loss, logits, parameters } = await runTask(task, features);
  expect(parameters.get('heads.clauses.classifier.weight')?.shape).toEqual([3, 8]);
  let [sum, known] = [0, 0];
  for (const [i, { target }] of features.entries()) {
    logits[i]?.forEach((x, l) => {
      if (target?.[l] === -100) return;
      known += 1;
      sum += Math.log1p(Math.exp(target?.[l] === 1 ? -x : x));
    });
  }
  expect(known).toBe(5);
  expect(loss).toBeCloseTo(sum / known, 5);
});
