/** How well the labels of texts are told by their vectors as they are: a linear probe on texts that it has not seen. */
import { argmaxRows, classificationReport } from '../metrics/index.js';
import { fitLogisticRegression } from './logistic-regression.js';
import { denseRows } from './sparse-rows.js';

export interface LabelledVectors {
  /** One a text, all of one length. */
  readonly vectors: readonly Float32Array[];
  /** The number of each text's label. */
  readonly labels: Int32Array;
}

/** Fits on the one and gives the macro F1 on the other; `names` are those of the labels. */
export function probeLabels(fitted: LabelledVectors, unseen: LabelledVectors, names: readonly string[]): number {
  const classes = names.length;
  const model = fitLogisticRegression(denseRows(fitted.vectors), fitted.labels, { classes });
  const predicted = argmaxRows(model(denseRows(unseen.vectors)), classes);
  return classificationReport(unseen.labels, predicted, names).macro.f1;
}
