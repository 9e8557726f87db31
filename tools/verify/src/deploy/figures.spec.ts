/** Dashboard, alerts and autoscaling ask for figures that the server has, probes for addresses that it answers. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from '@fieldcraft/serving';
import { parse } from 'yaml';
import { writeTinyModel } from '../container/tiny-model.js';
import { readManifests, root } from './manifests.js';
import { askedBy } from './promql.js';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(readFileSync(join(root, 'deploy/monitoring/dashboard.json'), 'utf8')) as {
  panels: Panel[];
  templating: { list: { name: string; query: unknown }[] };
};
const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-figures-'));
let server: Server;
/** Labels by metric, as the server tells them; of a histogram by each of its series. */
const labels = new Map<string, Set<string>>();

beforeAll(async () => {
  writeTinyModel(join(folder, 'model'));
  const config = { port: 0, logLevel: 'silent', workers: 1, threads: 1, dataFolder: join(folder, 'data') } as const;
  server = await createServer({ model: join(folder, 'model'), config });
  await server.listen();
  await fetch(`${server.address}/v1/predict/unfair-terms`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: 'a' }),
  });
  const told = await (await fetch(`${server.address}/metrics`)).text();
  for (const [, metric, given = ''] of told.matchAll(/^([a-z]\w*)(?:\{(.*)\})? \S+$/gm)) {
    const known = labels.get(metric!) ?? labels.set(metric!, new Set()).get(metric!)!;
    for (const [, label] of given.matchAll(/(\w+)="/g)) known.add(label!);
  }
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What Prometheus adds by itself. */
const added = ['namespace', 'instance', 'job', 'pod'];

/** What of a query the server does not tell. */
const missing = (query: string): string[] =>
  askedBy(query).flatMap(({ metric, labels: asked }) => {
    const known = labels.get(metric);
    if (known === undefined) return [metric];
    return asked.filter((label) => !known.has(label) && !added.includes(label)).map((label) => `${metric}{${label}}`);
  });

describe('figures that are asked for are told', () => {
  test.each(dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr])))(
    '%s: %s',
    (_, expr) => {
      expect(missing(expr)).toEqual([]);
    },
  );

  test('by variables of the dashboard', () => {
    const queries = JSON.stringify(dashboard.templating.list);
    const asked = [...queries.matchAll(/label_values\((\w+)[{,]/g)].map(([, metric]) => metric!);
    expect(asked.length).toBeGreaterThan(0);
    for (const metric of asked) expect(labels.has(metric)).toBe(true);
    const names = new Set([...dashboard.templating.list.map(({ name }) => name), '__rate_interval']);
    const used = [...JSON.stringify(dashboard).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name!);
    expect(used.filter((name) => !names.has(name) && name !== '__all')).toEqual([]);
  });

  test('by alerts and by autoscaling', () => {
    const [rules] = readManifests('deploy/monitoring/alerts.yaml');
    const { groups } = rules!.spec as { groups: { rules: { alert: string; expr: string }[] }[] };
    const scaled = readManifests('deploy/kubernetes/scaling.yaml').find(({ kind }) => kind === 'ScaledObject')!;
    const { triggers } = scaled.spec as { triggers: { metadata: { query?: string } }[] };
    const queries = [
      ...groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
      ...triggers.flatMap(({ metadata }) => metadata.query ?? []),
    ];
    expect(queries.length).toBeGreaterThan(6);
    expect(queries.flatMap(missing)).toEqual([]);
  });

  test('others are found out', () => {
    expect(missing('sum(rate(fieldcraft_requests_totl[5m]))')).toEqual(['fieldcraft_requests_totl']);
    expect(missing('fieldcraft_requests_total{rout="/"}')).toEqual(['fieldcraft_requests_total{rout}']);
    expect(missing('sum by (taks) (fieldcraft_answers_total)')).toEqual(['fieldcraft_answers_total{taks}']);
    expect(() => missing('sum(rate(fieldcraft_requests_total[5m])')).toThrow('no query');
  });
});

test('panels are each one of a kind, and none lies on another', () => {
  const { panels } = dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  const provisioned = parse(readFileSync(join(root, 'deploy/monitoring/grafana/datasources.yaml'), 'utf8')) as {
    datasources: { type: string }[];
  };
  expect(provisioned.datasources.map(({ type }) => type)).toEqual(['prometheus']);
});

test('probes, scrapes and health checks go to addresses that there are', () => {
  const sources = ['deploy/kubernetes/server.yaml', 'deploy/kubernetes/monitor.yaml', 'deploy/Dockerfile'];
  const text = sources.map((path) => readFileSync(join(root, path), 'utf8')).join('\n');
  const paths = [...text.matchAll(/(?:\bpath: |')(\/(?:healthz|readyz|metrics)\w*)/g)].map(([, path]) => path!);
  expect([...new Set(paths)].sort()).toEqual(['/healthz', '/metrics', '/readyz']);
  for (const url of paths) expect(server.fastify.hasRoute({ method: 'GET', url })).toBe(true);
});
