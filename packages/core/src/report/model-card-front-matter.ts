/** The machine-read head of a model card, as the Hugging Face hub knows it. */
import { stringify } from 'yaml';
import { taskTypes } from '../tasks/index.js';
import type { RunReport } from './schema.js';
import type { TaskReport } from './task-schema.js';
import { metricName, title } from './words.js';

/** Identifiers of licences on the hub; anything else is `other` there, with its name. */
const hubLicences = new Set([
  ...['apache-2.0', 'mit', 'bsd-2-clause', 'bsd-3-clause', 'cc0-1.0', 'unlicense', 'pddl', 'gpl-3.0', 'odc-by', 'odbl'],
  ...['cc-by', 'cc-by-sa', 'cc-by-nc', 'cc-by-nc-sa', 'cc-by-nd', 'cc-by-nc-nd'].flatMap((kind) => [
    `${kind}-3.0`,
    `${kind}-4.0`,
  ]),
]);

/** What the hub calls a kind of task. */
const pipelineOf = (kind: TaskReport['kind']): string => taskTypes[kind].published.pipeline;

/** YAML between two lines of ---. */
export function frontMatter(report: RunReport, tasks: readonly TaskReport[]): string {
  const { base, run } = report;
  const names = [...new Set(licencesOf(report, tasks).map((licence) => licence.name))];
  const ids = [...new Set(names.map(hubLicence))];
  const others = names.filter((name) => hubLicence(name) === 'other');
  const languages = [...new Set(tasks.flatMap((task) => task.data.language ?? []))];
  const pipeline = [...new Set(tasks.map((task) => pipelineOf(task.kind)))];
  const fields = {
    ...(languages.length > 0 ? { language: languages } : {}),
    license: ids.length > 1 ? ids : (ids[0] ?? 'unknown'),
    ...(others.length > 0 ? { license_name: others.join(', ') } : {}),
    ...(isHubId(report) ? { base_model: base.id } : {}),
    ...(pipeline.length === 1 ? { pipeline_tag: pipeline[0] } : {}),
    tags: ['fieldcraft', ...pipeline, ...(run.vertical === undefined ? [] : [run.vertical])],
    datasets: [...new Set(tasks.map((task) => task.data.dataset))],
    metrics: [...new Set(tasks.map((task) => (/f1/i.test(task.mainMetric) ? 'f1' : task.mainMetric)))],
    'model-index': [
      {
        name: run.name,
        results: tasks
          .filter((task) => Object.keys(task.summary).length > 0)
          .map((task) => ({
            task: { type: pipelineOf(task.kind), name: title(task.name) },
            dataset: { type: task.data.dataset, name: title(task.data.dataset), split: 'test' },
            metrics: Object.entries(task.summary).map(([name, { mean }]) => ({
              type: /f1/i.test(name) ? 'f1' : name,
              name: metricName(name),
              value: Number(mean.toFixed(4)),
            })),
          })),
      },
    ],
  };
  return `---\n${stringify(fields, { lineWidth: 0 })}---`;
}

/** A card of one task names the licences of its own data and of the base. */
export function licencesOf(report: RunReport, tasks: readonly TaskReport[]): RunReport['licences'] {
  const left = new Set(report.tasks.filter((task) => !tasks.includes(task)).map((task) => task.data.dataset));
  const kept = new Set(tasks.map((task) => task.data.dataset));
  return report.licences.filter(({ of }) => kept.has(of) || !left.has(of));
}

function hubLicence(name: string): string {
  const id = name
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-');
  return hubLicences.has(id) ? id : 'other';
}

function isHubId({ base }: RunReport): boolean {
  return (
    (base.source === 'hub' || base.source === 'cache' || base.source === 'mirror') && /^[\w.-]+\/[\w.-]+$/.test(base.id)
  );
}
