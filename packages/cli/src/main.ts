/** The command's entry: the process's own streams, and its exit status. */
import { runCommandLine } from './program.js';

// A reader such as `head` may close the pipe early, and a terminal may go away: that must not end a training before its checkpoint.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2), process);
