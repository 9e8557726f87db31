/** Values from -1 to 1 over a text or over days. What it shows must also stand in a table: the picture is no substitute for one. */
import { LabelChip, type Tone } from '@fieldcraft/screen';
import { useEffect, useRef, useState } from 'preact/hooks';
import { smooth, type Axis, type Point } from '../src/series.js';

export interface ChartPoint extends Point {
  readonly id: string;
  /** What is said of it under the chart. */
  readonly text: string;
}

export interface ChartSeries {
  readonly name: string;
  readonly tone: Tone;
  readonly points: readonly ChartPoint[];
}

interface LeaningChartProps {
  /** What is drawn, for screen readers too. */
  label: string;
  /** What 1 and -1 mean. */
  up: string;
  down: string;
  axis: Axis;
  series: readonly ChartSeries[];
  onSelect: (id: string) => void;
}

const frame = { height: 220, top: 10, right: 14, bottom: 40, left: 64 };
/** Lines are told apart without colours too. */
const dashes = [undefined, '7 3', '2 3', '10 3 2 3', '5 5', '1 4', '12 4', '3 3 8 3'];
/** How far from a point, in pixels, the pointer may be. */
const near = 30;

export function LeaningChart({ label, up, down, axis, series, onSelect }: LeaningChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [at, setAt] = useState<string>();
  const inner = { width: width - frame.left - frame.right, height: frame.height - frame.top - frame.bottom };
  const left = (x: number) =>
    frame.left + 8 + (axis.to === axis.from ? 0.5 : (x - axis.from) / (axis.to - axis.from)) * (inner.width - 16);
  const top = (y: number) => frame.top + ((1 - y) / 2) * inner.height;
  const points = series
    .flatMap((one) => one.points.map((point) => ({ ...point, series: one })))
    .sort((a, b) => a.x - b.x || b.y - a.y);
  const current = points.find(({ id }) => id === at);

  const nearest = (event: MouseEvent) => {
    const { left: x, top: y } = box.current!.getBoundingClientRect();
    const [px, py] = [event.clientX - x, event.clientY - y];
    const away = (point: Point) => Math.hypot(left(point.x) - px, top(point.y) - py);
    return points.filter((point) => away(point) < near).sort((a, b) => away(a) - away(b))[0];
  };
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === 'Enter' && current) onSelect(current.id);
    if (step === undefined || points.length === 0) return;
    event.preventDefault();
    const from = points.findIndex(({ id }) => id === at);
    setAt(
      points[from < 0 ? (step > 0 ? 0 : points.length - 1) : Math.max(0, Math.min(points.length - 1, from + step))]!.id,
    );
  };

  return (
    <figure class="chart">
      <div
        ref={box}
        class="chart-frame"
        role="group"
        aria-label={`${label}. Arrow keys go from point to point.`}
        tabIndex={0}
        onKeyDown={walk}
      >
        <svg
          width={width}
          height={frame.height}
          role="img"
          aria-label={label}
          onMouseMove={(event) => setAt(nearest(event)?.id)}
          onMouseLeave={() => setAt(undefined)}
          onClick={(event) => {
            const point = nearest(event);
            if (point) onSelect(point.id);
          }}
        >
          {[1, 0, -1].map((y) => (
            <line
              key={y}
              class={y === 0 ? 'zero' : 'rule'}
              x1={frame.left}
              x2={width - frame.right}
              y1={top(y)}
              y2={top(y)}
            />
          ))}
          {axis.ticks(Math.max(2, Math.floor(inner.width / 80))).map(({ at: x, label: name }) => (
            <g key={x}>
              <line class="rule" x1={left(x)} x2={left(x)} y1={top(-1)} y2={top(-1) + 4} />
              <text x={left(x)} y={top(-1) + 17} text-anchor="middle">
                {name}
              </text>
            </g>
          ))}
          {[
            { y: 1, name: up },
            { y: 0, name: '0' },
            { y: -1, name: down },
          ].map(({ y, name }) => (
            <text key={y} x={frame.left - 6} y={top(y) + 4} text-anchor="end">
              {name}
            </text>
          ))}
          <text x={width - frame.right} y={frame.height - 6} text-anchor="end">
            {axis.name}
          </text>
          {series.map(({ name, tone, points: own }, i) => (
            <g key={name} class={`series ${tone}`}>
              <polyline
                points={smooth(own)
                  .map(({ x, y }) => `${left(x)},${top(y)}`)
                  .join(' ')}
                stroke-dasharray={dashes[i % dashes.length]}
              />
              {own.map(({ id, x, y }) => (
                <circle key={id} cx={left(x)} cy={top(y)} r={own.length > 150 ? 2 : 3.5} />
              ))}
            </g>
          ))}
          {current && <circle class="current" cx={left(current.x)} cy={top(current.y)} r={7} />}
        </svg>
      </div>
      <figcaption>
        {series.length > 1 && (
          <ul class="legend">
            {series.map(({ name, tone }, i) => (
              <li key={name} class={`series ${tone}`}>
                <svg width="26" height="8" aria-hidden="true">
                  <line x1="0" x2="26" y1="4" y2="4" stroke-dasharray={dashes[i % dashes.length]} />
                </svg>
                {name}
              </li>
            ))}
          </ul>
        )}
        <p class="quiet small chart-note" aria-live="polite">
          {current ? (
            <>
              <LabelChip label={current.series.name} tone={current.series.tone} /> {current.text}
            </>
          ) : (
            'Points are single findings, lines the mean of each and of two on either side.'
          )}
        </p>
      </figcaption>
    </figure>
  );
}

/** Of the element, as the page lays it out. */
function useWidth(box: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(480);
  useEffect(() => {
    if (!box.current) return;
    const watch = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(240, Math.floor(entry.contentRect.width)));
    });
    watch.observe(box.current);
    return () => watch.disconnect();
  }, [box]);
  return width;
}
