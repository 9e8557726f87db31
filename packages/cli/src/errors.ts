/** How a command fails: a message a person can act on, and an exit status a script can. */
import { FieldcraftError } from '@fieldcraft/core';
import { CommanderError } from 'commander';
import type { Screen } from './screen.js';

export const exitStatus = { success: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** A command line that makes no sense; the message ends up beside a hint at the help. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The exit status of what was thrown. */
export function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.success : exitStatus.usage;
  if (error instanceof UsageError) return exitStatus.usage;
  if (error instanceof FieldcraftError && error.code === 'FC_INTERRUPTED') return exitStatus.interrupted;
  return exitStatus.failure;
}

/** Prints what was thrown; commander has printed its own errors already. */
export function printError(
  screen: Screen,
  error: unknown,
  { debug, command }: { debug: boolean; command: string },
): void {
  if (error instanceof CommanderError) return;
  const label = screen.style('red', 'error:');
  if (debug) {
    screen.line(`${label} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    for (let at = causeOf(error); at !== undefined; at = causeOf(at)) {
      screen.line(`caused by: ${at instanceof Error ? (at.stack ?? at.message) : JSON.stringify(at)}`);
    }
  } else if (error instanceof FieldcraftError) {
    // Having been asked to stop is no error.
    screen.line(error.code === 'FC_INTERRUPTED' ? error.message : `${label} ${error.message}`);
  } else if (error instanceof UsageError) {
    screen.line(`${label} ${error.message}`);
    screen.line(`  help:     fieldcraft ${command} --help`);
  } else {
    screen.line(`${label} ${error instanceof Error ? error.message : String(error)}`);
    screen.line('  This is a fault of Fieldcraft; --debug shows where it happened.');
  }
}

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);
