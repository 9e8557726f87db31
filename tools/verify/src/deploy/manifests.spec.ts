/** What is deployed is held against published schemas, the server's settings, and what the Dockerfile makes. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { environmentName, readServingConfig, servingConfigSchema } from '@fieldcraft/serving';
import { StatefulSet } from 'kubernetes-models/apps/v1';
import * as dclint from 'dclint';
import { parse } from 'yaml';
import { readIgnored } from '../container/build-stage.js';
import { execForm, pairs, readDockerfile } from '../container/dockerfile.js';
import { faultsOf, readManifests, renderManifests, root, type Manifest } from './manifests.js';

const fields = readdirSync(join(root, 'apps')).filter((field) =>
  existsSync(join(root, 'apps', field, 'src', 'main.ts')),
);
const base = ['namespace', 'server', 'scaling', 'network', 'monitor'].flatMap((name) =>
  readManifests(`deploy/kubernetes/${name}.yaml`),
);
const server = new StatefulSet(base.find(({ kind }) => kind === 'StatefulSet') as never);
const pod = server.spec!.template.spec!;
const container = pod.containers[0]!;
const stages = readDockerfile(readFileSync(join(root, 'deploy/Dockerfile'), 'utf8'), {
  FIELD: 'legal',
  MODEL: 'bundles/legal',
});
const image = stages.find(({ name }) => name === 'server')!.instructions;
const contentOf = (keyword: string) => image.find((one) => one.keyword === keyword)!.content;

const settings = new Set([...Object.keys(servingConfigSchema.shape).map(environmentName), 'FIELDCRAFT_MODEL']);
const ofFieldcraft = (env: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('FIELDCRAFT_')));

/** They are settings of the server, with values that it takes. */
function expectSettings(env: Readonly<Record<string, string>>): void {
  expect(Object.keys(env).filter((name) => !settings.has(name))).toEqual([]);
  readServingConfig({}, env);
}

describe('manifests', () => {
  test.each([...base, ...readManifests('deploy/monitoring/alerts.yaml')].map((one) => [one.kind, one] as const))(
    '%s is what its schema says',
    (_, manifest) => {
      expect(faultsOf(manifest)).toEqual([]);
    },
  );

  test('a wrong value and a field that no schema knows are found', () => {
    const changed = (from: string, to: string): Manifest =>
      JSON.parse(JSON.stringify(base.find(({ kind }) => kind === 'StatefulSet')).replace(from, to)) as Manifest;
    expect(faultsOf(changed('"minReadySeconds":5', '"minReadySeconds":"five"'))).toEqual([
      'StatefulSet: data/spec/minReadySeconds must be integer',
    ]);
    expect(faultsOf(changed('readOnlyRootFilesystem', 'readonlyRootFilesystem'))).toEqual([
      'StatefulSet.spec.template.spec.containers.0.securityContext.readonlyRootFilesystem is not known',
    ]);
    expect(faultsOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } })).toEqual(['no schema for v1 Pod']);
  });

  test('the image has what an earlier stage built, and flags are no part of what is copied', () => {
    expect(image.find(({ keyword }) => keyword === 'COPY')).toMatchObject({
      content: '/app ./',
      flags: { from: 'build' },
    });
  });

  test('the server may do nothing that it need not', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual({
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(`${pod.securityContext?.runAsUser}:${pod.securityContext?.runAsGroup}`).toBe(contentOf('USER'));
    expect(container.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual([contentOf('VOLUME'), '/tmp']);
    expect(container.ports?.[0]?.containerPort).toBe(Number(contentOf('EXPOSE')));
  });

  test('it is given the time that it takes to drain, and threads for the cores that it has', () => {
    const { configMapGenerator } = parse(readFileSync(join(root, 'deploy/kubernetes/kustomization.yaml'), 'utf8')) as {
      configMapGenerator: { literals: string[] }[];
    };
    const env = pairs(configMapGenerator[0]!.literals.join(' '));
    expectSettings(env);
    const { drainTimeout, workers, threads } = readServingConfig({}, env);
    const pause = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(pause + drainTimeout / 1000);
    expect(container.resources?.limits?.['cpu']).toBe(String(workers! * threads!));
  });

  test('every app has an image and a namespace of its own', () => {
    for (const field of fields) {
      const own = readFileSync(join(root, 'apps', field, 'deploy/kustomization.yaml'), 'utf8');
      const of = (text: string) => text.replaceAll('legal', field);
      expect(own).toBe(of(readFileSync(join(root, 'apps/legal/deploy/kustomization.yaml'), 'utf8')));
    }
  });

  test('what kubectl sends is what the schemas say, and its parts find each other', () => {
    for (const field of fields) {
      const sent = renderManifests(`apps/${field}/deploy`);
      if (sent === undefined) return console.warn('skipped: there is no kubectl to render with');
      const find = <T>(kind: string) => sent.find((one) => one.kind === kind) as Manifest & { spec: T };
      expect(sent.flatMap(faultsOf)).toEqual([]);
      const namespace = `fieldcraft-${field}`;
      for (const { kind, metadata } of sent)
        expect([kind, kind === 'Namespace' ? metadata.name : metadata.namespace]).toEqual([kind, namespace]);
      const { spec } = new StatefulSet(find('StatefulSet') as never);
      const labels = spec!.template.metadata!.labels!;
      expect(spec!.template.spec!.containers[0]!.image).toBe(`fieldcraft/${field}-app:0.1.0`);
      const selectors = [
        spec!.selector.matchLabels!,
        find<{ selector: Record<string, string> }>('Service').spec.selector,
        find<{ selector: { matchLabels: Record<string, string> } }>('PodDisruptionBudget').spec.selector.matchLabels,
        find<{ podSelector: { matchLabels: Record<string, string> } }>('NetworkPolicy').spec.podSelector.matchLabels,
      ];
      for (const selector of selectors) expect(labels).toMatchObject(selector);
      const { egress } = find<{ egress: { to?: { podSelector: unknown }[] }[] }>('NetworkPolicy').spec;
      // Names are asked of the cluster's own pods, which carry no label of ours.
      expect(egress[0]?.to?.[0]?.podSelector).toEqual({ matchLabels: { 'k8s-app': 'kube-dns' } });
      const { scaleTargetRef, triggers } = find<{
        scaleTargetRef: { kind: string; name: string };
        triggers: { metadata: { query?: string } }[];
      }>('ScaledObject').spec;
      expect(find(scaleTargetRef.kind).metadata.name).toBe(scaleTargetRef.name);
      expect(triggers[1]?.metadata.query).toContain(`{namespace="${namespace}"}`);
      const [settingsRef] = spec!.template.spec!.containers[0]!.envFrom!;
      expect(find('ConfigMap').metadata.name).toBe(settingsRef?.configMapRef?.name);
    }
    return undefined;
  });
});

/** Its own types lead to files that TypeScript does not find. */
const linters: {
  DCLinter: new (config: object) => {
    lintFiles(paths: string[], fix: boolean): { messages: { type: string; message: string }[] }[];
  };
} = dclint;

describe('the Compose file', () => {
  const path = join(root, 'deploy/compose.yaml');
  const lint = (file: string) =>
    // What is built has a name, so that it can be pushed.
    new linters.DCLinter({
      recursive: false,
      exclude: [],
      debug: false,
      quiet: false,
      rules: { 'no-build-and-image': 0 },
    })
      .lintFiles([file], false)
      .flatMap(({ messages }) => messages.filter(({ type }) => type === 'error').map(({ message }) => message));
  const { services, configs } = parse(readFileSync(path, 'utf8')) as {
    services: Record<string, { environment?: Record<string, string>; volumes?: string[] }>;
    configs: { prometheus: { content: string } };
  };

  test('is what its schema says', () => {
    expect(lint(path)).toEqual([]);
    const broken = join(mkdtempSync(join(tmpdir(), 'fieldcraft-compose-')), 'compose.yaml');
    writeFileSync(broken, readFileSync(path, 'utf8').replace('read_only:', 'readonly:'));
    expect(lint(broken)).toEqual([expect.stringContaining('must NOT have additional properties')]);
    rmSync(dirname(broken), { recursive: true });
  });

  test('names settings of the server, and files that are there', () => {
    const plain = (value: string) => value.replace(/\$\{\w+:-([^}]*)\}/g, '$1');
    const env = Object.entries(services['app']!.environment!).map(([name, value]) => [name, plain(value)]);
    expectSettings(Object.fromEntries(env) as Record<string, string>);
    const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.filter((one) => one.startsWith('./')),
    );
    expect(mounted).toHaveLength(3);
    for (const volume of mounted) expect(existsSync(join(root, 'deploy', volume.split(':')[0]!))).toBe(true);
    expect(parse(configs.prometheus.content)).toMatchObject({
      scrape_configs: [{ static_configs: [{ targets: ['app:8080'] }] }],
    });
  });
});

describe('the Dockerfile', () => {
  test('copies what is there, and .dockerignore does not keep back', () => {
    const ignored = readIgnored(root);
    const copied = stages[0]!.instructions
      .filter(({ keyword }) => keyword === 'COPY')
      .flatMap(({ content }) => content.split(' ').slice(0, -1));
    expect(copied.filter((path) => !existsSync(join(root, path)) || ignored(path))).toEqual([]);
    expect(
      ['packages/core/node_modules/a', 'apps/legal/dist/main.js', 'runs/x', 'data/x'].filter(ignored),
    ).toHaveLength(4);
    expect(['packages/core/src/data/x.ts', 'bundles/legal/model.json'].filter(ignored)).toEqual([]);
  });

  test('runs the app as nobody in particular, with settings that the server has', () => {
    expect(contentOf('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const env = pairs(contentOf('ENV'));
    expectSettings(ofFieldcraft(env));
    expect(env['FIELDCRAFT_DATA_FOLDER']).toBe(contentOf('VOLUME'));
    expect(stages.find(({ name }) => name === 'with-model')!.instructions.at(-1)!.content).toBe(
      `bundles/legal ${env['FIELDCRAFT_MODEL']}`,
    );
    expect(execForm(contentOf('ENTRYPOINT'))).toEqual(['node', 'main.mjs']);
    expect(readFileSync(join(root, 'deploy/assemble.mjs'), 'utf8')).toContain("'main.mjs'");
    expect(contentOf('STOPSIGNAL')).toBe('SIGTERM');
    expect(stages.at(-1)).toMatchObject({ from: 'server', instructions: [] });
  });
});
