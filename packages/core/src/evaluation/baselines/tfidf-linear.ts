/** The baseline that counts words: TF-IDF of words and word pairs with logistic regression, balanced over classes, C = 10. */
import { classIndices, labelMatrix } from '../../metrics/index.js';
import { fitLogisticRegression, fitOneVersusRest } from '../logistic-regression.js';
import { fitTfidf } from '../tfidf.js';
import type { Baseline, LabelledText, MultiLabelledText, TextInput } from './baseline.js';

/** Single-label: probabilities `[texts, labels]`; a label without training examples gets 0. */
export function tfidfClass(labels: readonly string[]): Baseline<LabelledText, TextInput, Float64Array> {
  return {
    name: 'tfidf',
    fit(train) {
      const texts = train.map((example) => example.text);
      const tfidf = fitTfidf(texts);
      const y = classIndices(train, labels);
      const model = fitLogisticRegression(tfidf.transform(texts), y, { classes: labels.length });
      return (inputs) => model(tfidf.transform(inputs.map((input) => input.text)));
    },
  };
}

/** Multi-label: an independent probability for each label, `[texts, labels]`, learned where its truth is known. */
export function tfidfLabels(labels: readonly string[]): Baseline<MultiLabelledText, TextInput, Float64Array> {
  return {
    name: 'tfidf',
    fit(train) {
      const texts = train.map((example) => example.text);
      const tfidf = fitTfidf(texts);
      const truth = labelMatrix(train, labels);
      const model = fitOneVersusRest(tfidf.transform(texts), { ...truth, labels: labels.length });
      return (inputs) => model(tfidf.transform(inputs.map((input) => input.text)));
    },
  };
}
