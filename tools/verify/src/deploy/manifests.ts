/** Manifests of Kubernetes: read, rendered, and held against the published schemas of their kinds. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1';
import { PrometheusRule, ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { StatefulSet } from 'kubernetes-models/apps/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Namespace, Service, ServiceAccount } from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';

export const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** As much as the checks read of one; what else there is, the schemas hold. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

const kinds = [
  ...[ConfigMap, Namespace, NetworkPolicy, PodDisruptionBudget, PrometheusRule],
  ...[ScaledObject, Service, ServiceAccount, ServiceMonitor, StatefulSet],
];

export const readManifests = (path: string): Manifest[] => parseManifests(readFileSync(join(root, path), 'utf8'));

const parseManifests = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    return document.toJS() as Manifest;
  });

/** What `kubectl apply -k` would send; undefined where there is no kubectl. @throws Error where kustomize refuses the folder */
export function renderManifests(folder: string): Manifest[] | undefined {
  const { status, stdout, stderr, error } = spawnSync('kubectl', ['kustomize', join(root, folder)], {
    encoding: 'utf8',
  });
  if (error !== undefined) return undefined;
  if (status !== 0) throw new Error(stderr);
  return parseManifests(stdout);
}

/** What is wrong with one by the schema of its kind; and the fields that its schema does not know, which an API server would drop, or refuse. */
export function faultsOf(manifest: Manifest): string[] {
  const { apiVersion, kind } = manifest;
  const Kind = kinds.find((one) => one.apiVersion === apiVersion && one.kind === kind);
  if (Kind === undefined) return [`no schema for ${apiVersion} ${kind}`];
  const unread: (() => string[])[] = [];
  try {
    Kind.prototype.validate.call(watch(new Kind(manifest as never), kind, unread));
  } catch (error) {
    return [`${kind}: ${(error as Error).message}`];
  }
  return unread.flatMap((fields) => fields());
}

/** The validators of the models read every field that a schema names, and pass over the others in silence: those are what nobody has read. */
function watch<T extends object>(value: T, path: string, unread: (() => string[])[]): T {
  const left = new Set(Object.keys(value));
  const parts = new Map<PropertyKey, unknown>();
  unread.push(() => [...left].map((key) => `${path}.${key} is not known`));
  return new Proxy(value, {
    get(target, key) {
      left.delete(String(key));
      const part: unknown = Reflect.get(target, key);
      if (typeof part !== 'object' || part === null) return part;
      if (!parts.has(key)) parts.set(key, watch(part, `${path}.${String(key)}`, unread));
      return parts.get(key);
    },
  });
}
