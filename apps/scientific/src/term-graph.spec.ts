import { describe, expect, test } from '@jest/globals';
import { buildTermGraph, termKey, type TermMention } from './term-graph.js';

const mention = (text: string, label = 'Method'): TermMention => ({
  ...{ start: 0, end: text.length, text, label, confidence: 0.9 },
});
const relation = (head: TermMention, tail: TermMention, label = 'used-for', confidence = 0.5) => ({
  ...{ head, tail, label, confidence },
});

describe('a graph of terms', () => {
  test('mentions of one term are one node, and equal relations one edge', () => {
    const [a, b, c] = [mention('Parsers'), mention('the parser', 'Task'), mention('translation', 'Task')];
    const graph = buildTermGraph([a, b, c, mention('Parsers')], [relation(a, c), relation(b, c, 'used-for', 0.8)]);
    expect(graph.nodes.map(({ id, text, label, mentions }) => [id, text, label, mentions.length])).toEqual([
      ['parser', 'Parsers', 'Method', 3],
      ['translation', 'translation', 'Task', 1],
    ]);
    expect(graph.edges).toEqual([{ from: 'parser', to: 'translation', label: 'used-for', confidence: 0.8, count: 2 }]);
    expect(graph.leftOut).toBe(0);
  });

  test('terms without a relation are left out and counted, unless there is no relation', () => {
    const [a, b, c] = [mention('alpha'), mention('beta'), mention('gamma')];
    expect(buildTermGraph([a, b, c], [relation(a, b)])).toMatchObject({ leftOut: 1 });
    expect(buildTermGraph([a, b, c], []).nodes).toHaveLength(3);
  });

  test('of too many those with the most relations stay, with the edges between them', () => {
    const hub = mention('hub');
    const others = Array.from({ length: 9 }, (_, i) => mention(`term ${i}`));
    const graph = buildTermGraph(
      [hub, ...others],
      others.map((one) => relation(one, hub)),
      { limit: 4 },
    );
    expect([graph.nodes.length, graph.edges.length, graph.leftOut, graph.nodes[0]!.id]).toEqual([4, 3, 6, 'hub']);
  });

  test('a term is not related to itself', () => {
    expect(buildTermGraph([mention('model')], [relation(mention('model'), mention('Models'))]).edges).toEqual([]);
  });

  test.each([
    ['The  Neural Networks', 'neural network'],
    ['analysis', 'analysis'],
    ['loss', 'loss'],
    ['corpus', 'corpus'],
    ['LSTMs', 'lstm'],
    ['GAs', 'gas'],
  ])('%s is %s', (text, key) => expect(termKey(text)).toBe(key));
});
