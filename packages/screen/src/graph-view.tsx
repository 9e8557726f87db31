/** A small graph of terms and relations, as a picture. What it shows must also stand in a table: the picture is no substitute for one. */
import { useMemo } from 'preact/hooks';
import { layoutGraph } from './graph-layout.js';
import type { Tone } from './label-chip.js';
import { readable } from './words.js';

export interface GraphNode {
  readonly id: string;
  readonly text: string;
  readonly label: string;
  readonly tone: Tone;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

interface GraphViewProps {
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
  /** What the picture shows, for screen readers. */
  label: string;
  selected?: string | undefined;
  onSelect?: (id: string | undefined) => void;
}

const longest = 26;
const short = (text: string) => (text.length > longest ? `${text.slice(0, longest - 1).trimEnd()}…` : text);

export function GraphView({ nodes, edges, label, selected, onSelect }: GraphViewProps) {
  const { places, width, height } = useMemo(() => {
    const index = new Map(nodes.map(({ id }, i) => [id, i]));
    const size = { width: 760, height: Math.min(720, 260 + 14 * nodes.length), margin: 70 };
    return layoutGraph(
      nodes.length,
      edges.map(({ from, to }) => [index.get(from) ?? 0, index.get(to) ?? 0]),
      size,
    );
  }, [nodes, edges]);
  const placeOf = new Map(nodes.map(({ id }, i) => [id, places[i]!]));
  const near = new Set(edges.flatMap(({ from, to }) => (from === selected || to === selected ? [from, to] : [])));
  const faded = (...ids: string[]) => selected !== undefined && !ids.some((id) => id === selected || near.has(id));

  return (
    <div class="graph" role="group" aria-label="Graph" tabIndex={0}>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="8"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto-start-reverse"
          >
            <path d="M0 0 8 4 0 8z" />
          </marker>
        </defs>
        {edges.map(({ from, to, label: relation }) => {
          const [a, b] = [placeOf.get(from), placeOf.get(to)];
          if (!a || !b) return null;
          const far = Math.max(1, Math.hypot(b.x - a.x, b.y - a.y));
          const cut = (by: number) => ({ x: (b.x - a.x) * (by / far), y: (b.y - a.y) * (by / far) });
          const gap = cut(16);
          const shown = selected === from || selected === to;
          return (
            <g key={`${from} ${relation} ${to}`} class={`edge ${faded(from) && faded(to) ? 'faded' : ''}`}>
              <line x1={a.x + gap.x} y1={a.y + gap.y} x2={b.x - gap.x} y2={b.y - gap.y} marker-end="url(#arrow)" />
              {(edges.length <= 14 || shown) && (
                <text x={(a.x + b.x) / 2} y={(a.y + b.y) / 2 - 4} text-anchor="middle">
                  {readable(relation)}
                </text>
              )}
            </g>
          );
        })}
        {nodes.map(({ id, text, tone, label: kind }) => {
          const { x, y } = placeOf.get(id)!;
          const shown = short(text);
          const wide = 7.2 * shown.length + 16;
          return (
            <g
              key={id}
              class={`node ${tone} ${faded(id) ? 'faded' : ''} ${id === selected ? 'selected' : ''}`}
              transform={`translate(${x} ${y})`}
              onClick={() => onSelect?.(id === selected ? undefined : id)}
            >
              <title>{`${text} (${readable(kind)})`}</title>
              <rect x={-wide / 2} y={-13} width={wide} height={26} rx={13} />
              <text text-anchor="middle" y={4.5}>
                {shown}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}
