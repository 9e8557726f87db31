/** What a query of Prometheus asks for: names of metrics, and of the labels that choose among them or group them. */
import { parser } from '@prometheus-io/lezer-promql';

export interface Asked {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** @throws Error for what is no query */
export function askedBy(query: string): Asked[] {
  // Grafana fills in its variables before Prometheus sees them.
  const filled = query.replaceAll('$__rate_interval', '1m').replace(/\$\{?\w+\}?/g, 'x');
  const asked: { metric: string; labels: string[] }[] = [];
  const grouped: string[] = [];
  parser.parse(filled).iterate({
    enter({ name, from, to, node }) {
      if (node.type.isError) throw new Error(`no query: ${query} (at ${from})`);
      const text = filled.slice(from, to);
      if (name === 'VectorSelector') asked.push({ metric: '', labels: [] });
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') asked.at(-1)!.metric = text;
      if (name === 'LabelName') (node.parent?.name === 'GroupingLabels' ? grouped : asked.at(-1)!.labels).push(text);
    },
  });
  return asked.map(({ metric, labels }) => ({ metric, labels: [...new Set([...labels, ...grouped])] }));
}
