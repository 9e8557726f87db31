/** What decides whether a training may be answered from Nx's cache: sources and cards as Nx hashes them, and everything outside the workspace. */
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { workspaceRoot as root, type CustomHasher } from '@nx/devkit';
import { isAtHand } from './at-hand.js';
import { describeOutside } from './outside.js';

/**
 * Nx's own hash (inputs of the target, options, npm packages) mixed with the state of mirror, caches and files that the options name.
 * A training that resumes, writes elsewhere than into the cached folder, learns a task of another project first, or may have to download gets a hash that was never seen: it always runs.
 */
export const hashTraining: CustomHasher = async (task, context) => {
  const { env } = process;
  const inside = await context.hasher.hashTask(task, context.taskGraph, env);
  const project = context.projectGraph.nodes[task.target.project]?.data;
  const target = project?.targets?.[task.target.target];
  const options: Record<string, unknown> = {
    ...(target?.options as object | undefined),
    ...(target?.configurations?.[task.target.configuration ?? ''] as object | undefined),
    ...task.overrides,
  };
  const vertical = join(root, project?.root ?? '', 'src', 'vertical.ts');
  const repeatable =
    !['resume', 'out', 'intermediate'].some((name) => isGiven(options[name])) &&
    isAtHand({ root, env, vertical, options });
  const outside = repeatable ? describeOutside({ root, env, options }) : randomUUID();
  const digest = createHash('sha256').update(outside).digest('hex');
  return {
    ...inside,
    value: createHash('sha256').update(`${inside.value}\n${digest}`).digest('hex').slice(0, 40),
    details: { ...inside.details, nodes: { ...inside.details.nodes, 'outside the workspace': digest } },
  };
};

function isGiven(option: unknown): boolean {
  return option !== undefined && option !== false && option !== 'false';
}
