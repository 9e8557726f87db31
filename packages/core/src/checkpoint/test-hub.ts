/** For specs: a hub on this machine that behaves as huggingface.co does, and as badly as it is told to. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** One request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** Takes over a request; returns false to have it answered properly. */
export type Misbehaviour = (request: SeenRequest, response: ServerResponse, content: Buffer | undefined) => boolean;

/** A model repository: the bytes of each file, and which of them are large (kept on the other host, with a SHA-256). */
export interface TestRepository {
  readonly commit: string;
  readonly files: Readonly<Record<string, Buffer>>;
  readonly large: readonly string[];
}

/** A running hub and its storage host, which has another origin. */
export interface TestHub {
  readonly endpoint: string;
  readonly hubRequests: SeenRequest[];
  readonly storageRequests: SeenRequest[];
  /** Replaces the misbehaviour, none by default. */
  misbehave(how: Misbehaviour): void;
  close(): Promise<void>;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const gitBlob = (bytes: Buffer) => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** Starts a hub with `repositories` by id. */
export async function startTestHub(repositories: Readonly<Record<string, TestRepository>>): Promise<TestHub> {
  const hubRequests: SeenRequest[] = [];
  const storageRequests: SeenRequest[] = [];
  let misbehaviour: Misbehaviour = () => false;

  const storage = await listen((request, response) => {
    const seen = see(request);
    storageRequests.push(seen);
    const [, id = '', file = ''] = /^\/(.+)\/-\/([^?]+)/.exec(seen.path) ?? [];
    const content = repositories[id]?.files[file];
    if (!misbehaviour(seen, response, content)) send(seen, response, content);
  });
  const hub = await listen((request, response) => {
    const seen = see(request);
    hubRequests.push(seen);
    const [, apiId = '', revision = ''] = /^\/api\/models\/(.+)\/revision\/(.+)$/.exec(seen.path) ?? [];
    const [, id = '', commit = '', file = ''] = /^\/(.+)\/resolve\/([^/]+)\/(.+)$/.exec(seen.path) ?? [];
    const repository = repositories[id === '' ? apiId : id];
    const content = repository?.files[file];
    if (misbehaviour(seen, response, content)) return;
    if (repository === undefined || (id !== '' && (content === undefined || commit !== repository.commit))) {
      response.writeHead(404).end('Entry not found');
    } else if (id === '') {
      if (!['main', repository.commit].includes(revision)) return void response.writeHead(404).end();
      const siblings = Object.keys(repository.files).map((rfilename) => ({ rfilename }));
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ id, sha: repository.commit, siblings }));
    } else if (content !== undefined && repository.large.includes(file)) {
      const headers = {
        'x-repo-commit': repository.commit,
        'x-linked-etag': `"${sha256(content)}"`,
        'x-linked-size': content.length,
        etag: `"${sha256(Buffer.from(file))}"`,
        location: `${origin(storage)}/${id}/-/${file}?signature=secret`,
      };
      response.writeHead(302, headers).end();
    } else if (content !== undefined) {
      send(seen, response, content, { etag: `"${gitBlob(content)}"`, 'x-repo-commit': repository.commit });
    }
  });

  return {
    endpoint: origin(hub),
    hubRequests,
    storageRequests,
    misbehave: (how) => (misbehaviour = how),
    close: async () => {
      await Promise.all(
        [hub, storage].map((server) => {
          server.closeAllConnections();
          return new Promise((resolve) => server.close(resolve));
        }),
      );
    },
  };
}

/** Answers each request with the same status. */
export function answerWith(status: number, headers: Record<string, string> = {}, body?: string): Misbehaviour {
  return (_, response) => {
    response.writeHead(status, headers).end(body);
    return true;
  };
}

/** Misbehaves only where the bytes of large files come from. */
export function onStorage(
  how: (request: SeenRequest, response: ServerResponse, content: Buffer) => boolean,
): Misbehaviour {
  return (request, response, content) =>
    request.path.includes('?signature') && content !== undefined && how(request, response, content);
}

/** Answers with `content`, or the stretch of it that the request asks for. */
export function send(
  { method, range }: SeenRequest,
  response: ServerResponse,
  content: Buffer | undefined,
  headers: Record<string, string> = {},
): void {
  if (content === undefined) return void response.writeHead(404).end();
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  if (start > 0 && start >= content.length) {
    return void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
  }
  const part = content.subarray(start);
  const place = start === 0 ? {} : { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
  response.writeHead(start === 0 ? 200 : 206, { ...headers, ...place, 'content-length': part.length });
  response.end(method === 'HEAD' ? undefined : part);
}

function see({ method = '', url = '', headers }: IncomingMessage): SeenRequest {
  return { method, path: url, range: headers.range, authorization: headers.authorization };
}

async function listen(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function origin(server: Server): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}
