/** An ESLint rule that keeps the rooms of core in order: a room imports only earlier rooms, only through their index, and engines only where they belong. */
import { posix, sep } from 'node:path';
import type { Rule } from 'eslint';

/** The rooms from the ground up; each may import those before it. */
export const rooms = [
  'foundation',
  'graph',
  'nn',
  'models',
  'onnx',
  'runtime',
  'checkpoint',
  'text',
  'data',
  'metrics',
  'evaluation',
  'tasks',
  'training',
  'report',
  'export',
  'run',
  'testing',
];

/** Libraries that one room alone knows, by the beginning of their names. */
const owners: Record<string, string> = {
  'onnxruntime-': 'runtime',
  '@tensorflow/': 'runtime',
  'onnx-proto': 'onnx',
  '@huggingface/hub': 'checkpoint',
  tokenizers: 'text',
};

const core = 'packages/core/src/';

/** Reports each import, re-export, dynamic import and type import in core that leaves the order of rooms. */
export const roomOrder: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      unknown: "'{{to}}' is not a room of core: list it in tools/nx/src/lint/rooms.ts.",
      later: "'{{from}}' may not import '{{to}}', which stands on it; rooms import only those before them.",
      inside: "Import '{{to}}' through its index: '{{index}}'.",
      owner: "Only the room '{{to}}' imports '{{name}}'.",
    },
  },
  create(context) {
    const file = context.filename.split(sep).join('/');
    const start = file.lastIndexOf(core);
    if (start < 0) return {};
    const path = file.slice(start + core.length);
    const from = roomOf(path);
    // A spec may look at its room from above: a gradient is checked by running it.
    const isSpec = path.endsWith('.spec.ts');

    function check(node: Rule.Node, name: unknown): void {
      if (typeof name !== 'string') return;
      if (!name.startsWith('.')) {
        const to = Object.entries(owners).find(([beginning]) => name.startsWith(beginning))?.[1];
        if (!isSpec && to !== undefined && to !== from)
          context.report({ node, messageId: 'owner', data: { to, name } });
        return;
      }
      const target = posix.join(posix.dirname(path), name);
      const to = roomOf(target);
      if (to === undefined || to === from) return;
      const index = posix.relative(posix.dirname(path), `${to}/index.js`).replace(/^(?!\.)/, './');
      if (!rooms.includes(to)) context.report({ node, messageId: 'unknown', data: { to } });
      else if (!isSpec && from !== undefined && rooms.indexOf(to) > rooms.indexOf(from))
        context.report({ node, messageId: 'later', data: { from, to } });
      else if (target !== `${to}/index.js`) context.report({ node, messageId: 'inside', data: { to, index } });
    }

    const checkSource = (node: Rule.Node) =>
      check(node, (node as { source?: { value?: unknown } | null }).source?.value);
    return {
      Program: (node) => {
        if (from !== undefined && !rooms.includes(from))
          context.report({ node, messageId: 'unknown', data: { to: from } });
      },
      ImportDeclaration: checkSource,
      ExportNamedDeclaration: checkSource,
      ExportAllDeclaration: checkSource,
      ImportExpression: checkSource,
      TSImportType: checkSource,
    };
  },
};

/** The room a path below core's sources lies in; undefined for core's own index. */
function roomOf(path: string): string | undefined {
  const slash = path.indexOf('/');
  return slash < 0 ? undefined : path.slice(0, slash);
}
