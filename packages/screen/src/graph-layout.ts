/**
 * Places the nodes of a small graph by forces (Fruchterman & Reingold 1991): all push each other away, edges pull. Always the same for the same
 * graph: it starts on a spiral instead of at random.
 */

export interface GraphPlace {
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  /** In the order of the nodes; within 0 and `width`, 0 and `height`. */
  readonly places: readonly GraphPlace[];
  readonly width: number;
  readonly height: number;
}

interface LayoutOptions {
  width?: number;
  height?: number;
  /** Left free at each side for what stands around the places: half of the widest label, half of a label's height. */
  across?: number;
  down?: number;
}

const golden = Math.PI * (3 - Math.sqrt(5));
const rounds = 240;

/** Edges are pairs of places in the list of nodes. A few hundred nodes at most: every pair is looked at in every round. */
export function layoutGraph(
  nodes: number,
  edges: readonly (readonly [from: number, to: number])[],
  { width = 720, height = 440, across = 48, down = 48 }: LayoutOptions = {},
): GraphLayout {
  // The ideal length of an edge; wide labels need more room across than down.
  const length = Math.sqrt(1 / Math.max(1, nodes));
  const x = Float64Array.from({ length: nodes }, (_, i) => length * Math.sqrt(i + 0.5) * Math.cos(i * golden));
  const y = Float64Array.from({ length: nodes }, (_, i) => length * Math.sqrt(i + 0.5) * Math.sin(i * golden));
  for (let round = 0; round < rounds; round++) {
    const [dx, dy] = [new Float64Array(nodes), new Float64Array(nodes)];
    const push = (i: number, j: number, force: (distance: number) => number) => {
      const [ax, ay] = [x[i]! - x[j]!, y[i]! - y[j]!];
      const distance = Math.max(1e-6, Math.hypot(ax, ay));
      const share = force(distance) / distance;
      dx[i]! += ax * share;
      dy[i]! += ay * share;
      dx[j]! -= ax * share;
      dy[j]! -= ay * share;
    };
    for (let i = 0; i < nodes; i++) {
      for (let j = 0; j < i; j++) push(i, j, (distance) => (distance > 3 * length ? 0 : length ** 2 / distance));
      // What nothing holds stays near the middle.
      dx[i]! -= x[i]! * length;
      dy[i]! -= y[i]! * length;
    }
    for (const [from, to] of edges) if (from !== to) push(from, to, (distance) => -(distance ** 2) / length);
    const heat = 0.2 * (1 - round / rounds) ** 2;
    for (let i = 0; i < nodes; i++) {
      const step = Math.max(1e-9, Math.hypot(dx[i]!, dy[i]!));
      const share = Math.min(step, heat) / step;
      x[i]! += dx[i]! * share;
      y[i]! += dy[i]! * share;
    }
  }
  const [left, top] = [Math.min(...x), Math.min(...y)];
  const fit = (extent: number, room: number, margin: number) => (extent < 1e-6 ? 0 : (room - 2 * margin) / extent);
  const [sx, sy] = [fit(Math.max(...x) - left, width, across), fit(Math.max(...y) - top, height, down)];
  const at = (value: number, scale: number, room: number, margin: number) =>
    Math.round(scale === 0 ? room / 2 : margin + value * scale);
  return {
    width,
    height,
    places: Array.from({ length: nodes }, (_, i) => ({
      x: at(x[i]! - left, sx, width, across),
      y: at(y[i]! - top, sy, height, down),
    })),
  };
}
