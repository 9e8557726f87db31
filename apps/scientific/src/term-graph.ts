/** The terms of one paper or of many as a small graph: mentions of one term are one node, and relations of one kind between two nodes are one edge. */

export interface TermMention {
  /** UTF-16 indices in the paper's text, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly label: string;
  readonly confidence: number;
}

interface TermRelation {
  readonly head: TermMention;
  readonly tail: TermMention;
  readonly label: string;
  readonly confidence: number;
}

interface TermNode {
  readonly id: string;
  /** As it is written most often. */
  readonly text: string;
  /** What most mentions are. */
  readonly label: string;
  readonly mentions: readonly TermMention[];
}

interface TermEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** Of the surest relation that it stands for. */
  readonly confidence: number;
  readonly count: number;
}

export interface TermGraph {
  readonly nodes: readonly TermNode[];
  readonly edges: readonly TermEdge[];
  /** Terms that were left out because they have no relation, or because there are too many. */
  readonly leftOut: number;
}

/** Nodes that a person can still look over. */
const mostNodes = 40;

/** Of more terms than `limit`, those with the most relations and mentions; those without any relation only where there is no relation at all. */
export function buildTermGraph(
  mentions: readonly TermMention[],
  relations: readonly TermRelation[],
  { limit = mostNodes }: { limit?: number } = {},
): TermGraph {
  const byKey = new Map<string, TermMention[]>();
  for (const mention of mentions) {
    const key = termKey(mention.text);
    byKey.set(key, [...(byKey.get(key) ?? []), mention]);
  }
  const edges = mergeRelations(relations).filter(({ from, to }) => byKey.has(from) && byKey.has(to));
  const degree = new Map<string, number>();
  for (const { from, to, count } of edges) {
    for (const end of [from, to]) degree.set(end, (degree.get(end) ?? 0) + count);
  }
  const connected = [...byKey].filter(([key]) => degree.size === 0 || degree.has(key));
  const weight = ([key, found]: [string, TermMention[]]) => 1_000 * (degree.get(key) ?? 0) + found.length;
  const kept = connected.sort((a, b) => weight(b) - weight(a)).slice(0, limit);
  const ids = new Set(kept.map(([key]) => key));
  return {
    nodes: kept.map(([id, found]) => ({
      id,
      text: commonest(found.map(({ text }) => text)),
      label: commonest(found.map(({ label }) => label)),
      mentions: found,
    })),
    edges: edges.filter(({ from, to }) => ids.has(from) && ids.has(to)),
    leftOut: byKey.size - kept.length,
  };
}

function mergeRelations(relations: readonly TermRelation[]): TermEdge[] {
  const edges = new Map<string, TermEdge>();
  for (const { head, tail, label, confidence } of relations) {
    const [from, to] = [termKey(head.text), termKey(tail.text)];
    if (from === to) continue;
    const key = JSON.stringify([from, label, to]);
    const known = edges.get(key);
    edges.set(key, {
      ...{ from, to, label },
      confidence: Math.max(confidence, known?.confidence ?? 0),
      count: 1 + (known?.count ?? 0),
    });
  }
  return [...edges.values()];
}

/** Letter case, white space, articles and a plural's last letter do not make another term. */
export function termKey(text: string): string {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/^(?:the|a|an) /, '')
    .trim();
  // Not of "analysis", "loss", "corpus", nor of abbreviations.
  return /[a-z]{4,}s$/.test(plain) && !/(?:ss|us|is)$/.test(plain) ? plain.slice(0, -1) : plain;
}

/** Of equally common ones the first. */
function commonest(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}
