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

/** So many nodes have room on a narrow screen, where more are moved sideways. */
const few = 8;
const longest = 26;
/** Of a node's frame, by the letters in it. */
const halfWidth = (text: string) => 3.6 * short(text).length + 8;
const halfHeight = 13;
const short = (text: string) => (text.length > longest ? `${text.slice(0, longest - 1).trimEnd()}…` : text);

export function GraphView({ nodes, edges, label, selected, onSelect }: GraphViewProps) {
  const { places, width, height } = useMemo(() => {
    const index = new Map(nodes.map(({ id }, i) => [id, i]));
    const across = Math.max(48, ...nodes.map(({ text }) => halfWidth(text) + 4));
    const height = Math.min(720, 160 + 24 * nodes.length);
    const size = { width: nodes.length > few ? 560 : 330, height, across, down: 24 };
    return layoutGraph(
      nodes.length,
      edges.map(({ from, to }) => [index.get(from) ?? 0, index.get(to) ?? 0]),
      size,
    );
  }, [nodes, edges]);
  const placeOf = new Map(nodes.map(({ id, text }, i) => [id, { ...places[i]!, half: halfWidth(text) }]));
  const near = new Set(edges.flatMap(({ from, to }) => (from === selected || to === selected ? [from, to] : [])));
  const faded = (...ids: string[]) => selected !== undefined && !ids.some((id) => id === selected || near.has(id));

  return (
    <div class="graph" role="group" aria-label="Graph" tabIndex={0}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        style={{ minWidth: `${Math.round(0.86 * width)}px`, maxWidth: `${Math.round(1.3 * width)}px` }}
        role="img"
        aria-label={label}
      >
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
          const [dx, dy] = [b.x - a.x, b.y - a.y];
          /** The share of the way on which a line is inside the frame of a node. */
          const inside = (half: number) => Math.min(0.5, half / Math.abs(dx), halfHeight / Math.abs(dy));
          const [leaves, arrives] = [inside(a.half), 1 - inside(b.half + 2)];
          const shown = selected === from || selected === to;
          return (
            <g key={`${from} ${relation} ${to}`} class={`edge ${faded(from) && faded(to) ? 'faded' : ''}`}>
              <line
                x1={a.x + dx * leaves}
                y1={a.y + dy * leaves}
                x2={a.x + dx * arrives}
                y2={a.y + dy * arrives}
                marker-end="url(#arrow)"
              />
              {(edges.length <= 14 || shown) && (
                <text x={(a.x + b.x) / 2} y={(a.y + b.y) / 2 - 4} text-anchor="middle">
                  {readable(relation)}
                </text>
              )}
            </g>
          );
        })}
        {nodes.map(({ id, text, tone, label: kind }) => {
          const { x, y, half } = placeOf.get(id)!;
          return (
            <g
              key={id}
              class={`node ${tone} ${faded(id) ? 'faded' : ''} ${id === selected ? 'selected' : ''}`}
              transform={`translate(${x} ${y})`}
              onClick={() => onSelect?.(id === selected ? undefined : id)}
            >
              <title>{`${text} (${readable(kind)})`}</title>
              <rect x={-half} y={-halfHeight} width={2 * half} height={2 * halfHeight} rx={halfHeight} />
              <text text-anchor="middle" y={4.5}>
                {short(text)}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}
