/** The documentation of `report.json`, made from its schema: docs/report-schema.md is this text. */
import { z } from 'zod';
import { reportSchemaVersion, runReportSchema } from './schema.js';

type Node = z.core.JSONSchema.BaseSchema;

/** Markdown: one table an object, a row a field with its type and meaning. */
export function describeReportSchema(): string {
  const schema = z.toJSONSchema(runReportSchema, { reused: 'inline' });
  return `# report.json

Every run writes its result as \`report.json\`, and the same as a page, \`report.html\`. This is version ${reportSchemaVersion} of its schema, made from
\`packages/core/src/report/schema.ts\`. Fields that are not listed are errors. A field marked with \`?\` may be missing. All scores lie between 0 and
1 unless their name says otherwise; all lengths of time are in seconds.

${tables(schema, '').join('\n\n')}
`;
}

/** The object at `path` and, after it, the objects within it. */
function tables(node: Node, path: string): string[] {
  const properties = Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
    typeof child === 'boolean' ? [] : [{ name, child }],
  );
  const required = new Set(node.required);
  const rows = properties.map(
    ({ name, child }) =>
      `| \`${name}${required.has(name) ? '' : '?'}\` | ${typeOf(child)} | ${cell(child.description ?? '')} |`,
  );
  const heading = path === '' ? '## The report' : `## \`${path}\``;
  const inner = properties.flatMap(({ name, child }) => {
    const { object, suffix } = objectWithin(child);
    return object === undefined ? [] : tables(object, `${path === '' ? '' : `${path}.`}${name}${suffix}`);
  });
  return [`${heading}\n\n| field | type | meaning |\n| --- | --- | --- |\n${rows.join('\n')}`, ...inner];
}

/** The object that a field holds, itself or in lists (`[]`) or by name (`.*`). */
function objectWithin(node: Node): { object?: Node; suffix: string } {
  if (node.properties !== undefined) return { object: node, suffix: '' };
  const [child, step] = isNode(node.items) ? [node.items, '[]'] : [node.additionalProperties, '.*'];
  if (!isNode(child)) return { suffix: '' };
  const { object, suffix } = objectWithin(child);
  return object === undefined ? { suffix: '' } : { object, suffix: `${step}${suffix}` };
}

function typeOf(node: Node): string {
  if (node.const !== undefined) return cell(`\`${JSON.stringify(node.const)}\``);
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeOf))].join(' or ');
  if (node.prefixItems !== undefined)
    return `[${node.prefixItems.map((item) => (isNode(item) ? typeOf(item) : '')).join(', ')}]`;
  if (isNode(node.items)) return `list of ${typeOf(node.items)}`;
  if (node.properties !== undefined) return 'object';
  if (isNode(node.additionalProperties)) return `object by name of ${typeOf(node.additionalProperties)}`;
  const unit = node.format === 'date-time' ? 'time (ISO 8601)' : [node.type ?? 'value'].flat().join(' or ');
  return node.type === 'integer' || node.type === 'number' ? `${unit}${bounds(node)}` : unit;
}

function bounds({ minimum, maximum, exclusiveMinimum }: Node): string {
  const upper = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER)
    return upper === undefined ? ` ≥ ${minimum}` : ` ${minimum}–${upper}`;
  return exclusiveMinimum === undefined ? '' : ` > ${exclusiveMinimum}`;
}

function isNode(node: unknown): node is Node {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}
