/** The command's entry: the process's own streams, and its exit status. */
import { runCommandLine } from './program.js';

// A reader such as `head` may close the pipe early; what it wanted it has.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2), process);
