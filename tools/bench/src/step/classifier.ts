/** What speed is measured on: a sequence classifier with Hugging Face's default head, on the first token, and default loss. */
import { graph as graphs, models, nn, type training } from '@fieldcraft/core/internals';

export const classes = 3;

export const classifier: training.Objective = {
  name: 'bench',
  head: (b, { hidden }, config) => {
    const architecture = models.architectureOf(config);
    return architecture.sequenceHead(b, config, hidden, architecture.prefix, { labels: classes });
  },
  loss: (b, logits) => nn.crossEntropy(logits, graphs.input(b.graph, 'labels', ['batch'], 'int64')),
};
