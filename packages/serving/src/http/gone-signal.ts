/** Tells whoever works on an answer that nobody waits for it any more. */
import { setMaxListeners } from 'node:events';
import type { FastifyReply } from 'fastify';

/** Aborted when the client goes away before it has its answer. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  // Lines of bulk that are asked alone each listen.
  setMaxListeners(0, gone.signal);
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort(new Error('the client went away'));
  });
  return gone.signal;
}
