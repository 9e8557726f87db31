/** JSON bodies from strangers: valid UTF-8, and no deeper than any request is. */
import type { FastifyInstance } from 'fastify';
import { HttpProblem } from '../problem.js';

/** No request of the interface is as deep as this. */
const deepest = 20;

export function readJsonSafely(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  // Text alone is read where documents are.
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      void parse(request, decode(body as Buffer), done);
    } catch (error) {
      done(error as Error);
    }
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws HttpProblem for bytes that are no UTF-8 and for text that nests deeper than any request */
export function decode(body: Uint8Array): string {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw new HttpProblem('invalid', { detail: 'the body is not valid UTF-8', code: 'HTTP_UTF8' });
  }
  if (depthOf(text) > deepest)
    throw new HttpProblem('invalid', { detail: `the body nests deeper than ${deepest} levels`, code: 'HTTP_DEPTH' });
  return text;
}

/** How deep JSON nests, without parsing it: brackets in strings do not count. */
export function depthOf(text: string): number {
  let [depth, most, inString] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const sign = text.charCodeAt(i);
    if (inString) {
      if (sign === backslash) i++;
      else if (sign === quote) inString = false;
    } else if (sign === quote) inString = true;
    else if (sign === openBracket || sign === openBrace) most = Math.max(most, ++depth);
    else if (sign === closeBracket || sign === closeBrace) depth--;
  }
  return most;
}

const [backslash, quote, openBracket, closeBracket, openBrace, closeBrace] = [...'\\"[]{}'].map((sign) =>
  sign.charCodeAt(0),
);
