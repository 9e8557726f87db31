/** What decides whether a training may be answered from Nx's cache: sources and cards as Nx hashes them, and everything outside the workspace. */
import { createHash, randomUUID } from 'node:crypto';
import { workspaceRoot, type CustomHasher } from '@nx/devkit';
import { describeOutside } from './outside.js';

/**
 * Nx's own hash (inputs of the target, options, npm packages) mixed with the state of mirror, weights and files that the options name.
 * A training that resumes, or writes elsewhere than into the cached folder, gets a hash that was never seen: it always runs.
 */
export const hashTraining: CustomHasher = async (task, context) => {
  const inside = await context.hasher.hashTask(task, context.taskGraph, process.env);
  const target = context.projectGraph.nodes[task.target.project]?.data.targets?.[task.target.target];
  const options: Record<string, unknown> = {
    ...(target?.options as object | undefined),
    ...task.overrides,
  };
  const outside =
    isGiven(options['resume']) || isGiven(options['out'])
      ? randomUUID()
      : describeOutside({ root: workspaceRoot, env: process.env, options });
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
