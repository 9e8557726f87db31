/** The process that trains and is killed: a run as the command starts it, its events as lines of JSON. */
import { startRun } from '@fieldcraft/core';

const request = JSON.parse(process.argv[2] ?? '{}') as Parameters<typeof startRun>[0];
try {
  await startRun(request, (event) => {
    const { kind } = event;
    // Reports are large, and read from the folder.
    if (kind !== 'finished') console.log(JSON.stringify(event));
  }).result;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
