/** The server: one model, its HTTP interface, and an app's screen and endpoints beside it. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import statics from '@fastify/static';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { FieldcraftError, type Vertical } from '@fieldcraft/core';
import fastify, { type FastifyInstance } from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { readServingConfig, shareCores, type ServingConfig, type ServingOptions } from './config.js';
import { createDocumentReader, documentsPlugin, tablePlugin, type DocumentReader } from './documents/index.js';
import { documentSchemas } from './http/document-schemas.js';
import { feedbackPlugin, openFeedback, type FeedbackStore } from './feedback/index.js';
import { clientOf, describeAccess, guardAccess } from './http/access.js';
import { listMethods } from './http/allowed-methods.js';
import { answerBrokenRequest, sendProblem } from './http/failures.js';
import { operationsRoutes } from './http/operations-routes.js';
import { predictRoutes } from './http/predict-routes.js';
import { readJsonSafely } from './http/read-json.js';
import { limitInFlight } from './http/in-flight.js';
import { limitReceiving } from './http/slow-clients.js';
import { createMetrics, type Metrics } from './metrics.js';
import { createPool } from './pool/pool.js';
import type { Pool } from './pool/pool-types.js';
import type { ServedModel } from './pool/served-model.js';
import { HttpProblem } from './problem.js';
import { createService, type Service } from './service.js';

const typed = (app: FastifyInstance) => app.withTypeProvider<ZodTypeProvider>();

/** What an app's own endpoints build on. */
export interface AppContext extends Pick<Service, 'predict' | 'analyze' | 'model'> {
  /** Routes read what their schemas made of a request. */
  readonly fastify: ReturnType<typeof typed>;
  readonly documents: DocumentReader;
  /** Where the settings name a data folder. */
  readonly feedback: FeedbackStore | undefined;
}

export interface ServerOptions {
  /** Whose tasks are told as missing where the model lacks them. */
  readonly vertical?: Pick<Vertical, 'name' | 'title' | 'tasks'> | undefined;
  /** A bundle, a run, dist/models/<vertical> or a model folder. */
  readonly model: string;
  /** Folder of built static files. */
  readonly screen?: string | undefined;
  readonly routes?: ((app: AppContext) => void | Promise<void>) | undefined;
  readonly config?: ServingOptions | undefined;
}

export interface Server {
  readonly config: ServingConfig;
  readonly fastify: FastifyInstance;
  /** Where it listens, as http://host:port; throws before `listen`. */
  readonly address: string;
  readonly model: ServedModel;
  readonly pool: Pool;
  listen(): Promise<string>;
  /** A new model in the old one's place: by default what lies at the same path now. The old one stays where it cannot be loaded. */
  reload(model?: string): Promise<ServedModel>;
  /** Takes no more requests, answers those that are there within `drainTimeout`, and ends. */
  close(): Promise<void>;
}

/** @throws FieldcraftError FC_CONFIG for a setting; as `loadServable` where the model cannot be loaded */
export async function createServer({ vertical, model, screen, routes, config: given }: ServerOptions): Promise<Server> {
  const config = readServingConfig(given);
  const metrics = createMetrics();
  const app = fastify({
    logger: { level: config.logLevel, redact: ['req.headers.authorization', 'req.headers.cookie'] },
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    bodyLimit: config.maxBytes,
    trustProxy: config.trustProxy,
    // Bodies have a limit of their own, which bulk does not have: see limitReceiving.
    requestTimeout: 0,
    http: {
      headersTimeout: config.receiveTimeout,
      connectionsCheckingInterval: Math.min(10_000, Math.ceil(config.receiveTimeout / 2)),
    },
    // A connection on which nothing moves, while its answer is computed too.
    connectionTimeout: config.timeout + config.receiveTimeout,
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: 200 },
    return503OnClosing: true,
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
    clientErrorHandler: answerBrokenRequest,
    schemaController: {
      // Ajv and fast-json-stringify, which fastify's types mean here, are not even loaded.
      compilersFactory: {
        buildValidator: () => validatorCompiler as never,
        // What the predictor made is sent as it is: the schemas of answers are for the document, and specs hold both together.
        buildSerializer: () => () => (data) => JSON.stringify(data),
      },
    },
  });
  // Its workers load the model while the interface is put together.
  const starting = createPool({
    ...{ model, licence: config.licence, ...shareCores(config), batchTimeout: 2 * config.timeout + 30_000 },
    ...{ batchTokens: config.batchTokens, queueTokens: config.queueTokens, batchWait: config.batchWait },
    ...{ reviewBelow: config.reviewBelow, coverage: config.coverage },
    ...(config.precision && { precision: config.precision }),
    on: {
      ...metrics.events,
      restart(error) {
        metrics.events.restart(error);
        app.log.error({ err: error }, 'a worker stopped or hangs, and another is started');
      },
      loaded(loaded) {
        metrics.events.loaded(loaded);
        app.log.info({ model: loaded.id, folder: loaded.folder, precision: loaded.precision }, 'model loaded');
        for (const note of loaded.notes) app.log.warn(note);
      },
      refused(error) {
        metrics.events.refused(error);
        app.log.error({ err: error }, 'a model was refused; the one before stays');
      },
    },
  });
  starting.catch(() => undefined);
  try {
    const state = { draining: false };
    const documents = createDocumentReader();
    app.addHook('onClose', () => documents.close());
    await prepare(app, { config, title: vertical?.title ?? 'Fieldcraft', metrics });
    const pool = await starting;
    metrics.watch(() => pool.state());
    const service = createService({ pool, config, metrics, vertical });
    await app.register(predictRoutes, { service, config });
    await app.register(operationsRoutes, { pool, metrics, state });
    await app.register(documentsPlugin, { reader: documents });
    await app.register(tablePlugin);
    const feedback = await keepFeedback(app, { config, pool, metrics });
    const { predict, analyze, model: describe } = service;
    await routes?.({ fastify: typed(app), predict, analyze, model: describe, documents, feedback });
    if (screen !== undefined) await app.register(statics, { root: screen });
    await app.ready();
    return serverOf({ app, pool, config, state });
  } catch (error) {
    const closed = starting.then(
      (pool) => pool.close(),
      () => undefined,
    );
    await Promise.all([app.close(), closed]);
    throw error;
  }
}

/** The endpoints of feedback and its store, which closes with the server. @throws FieldcraftError FC_BUSY where another process has the folder */
async function keepFeedback(
  app: FastifyInstance,
  { config, pool, metrics }: { config: ServingConfig; pool: Pool; metrics: Metrics },
): Promise<FeedbackStore | undefined> {
  const { dataFolder: folder, databaseUrl, retentionDays, redact } = config;
  if (folder === undefined) return undefined;
  const onError = (error: unknown) =>
    app.log.warn({ err: error }, 'the database of feedback is away, or refused something');
  const store = await openFeedback({ folder, databaseUrl, retentionDays, redact, onError });
  app.addHook('onClose', () => store.close());
  metrics.watchFeedback(() => store.state().waiting);
  await app.register(feedbackPlugin, {
    store,
    tasks: () => pool.model.tasks,
    model: () => pool.model.id,
    version,
    author: (request) => request.caller,
  });
  return store;
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

async function prepare(
  app: FastifyInstance,
  { config, title, metrics }: { config: ServingConfig; title: string; metrics: Metrics },
): Promise<void> {
  readJsonSafely(app);
  app.setErrorHandler(sendProblem);
  const methodsOf = listMethods(app);
  // Before a body is asked for, which fastify does of methods that have one.
  app.addHook('onRequest', ({ is404, url }, _reply, done) => {
    const allow = is404 ? methodsOf(url).join(', ') : '';
    done(allow === '' ? undefined : new HttpProblem('method', { detail: `this address takes ${allow}`, allow }));
  });
  app.setNotFoundHandler(() => {
    throw new HttpProblem('missing', { detail: 'no such address', fix: 'see /docs for what there is' });
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.request({ route, method: request.method, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
    done();
  });
  if (config.logTexts)
    app.addHook('preHandler', (request, _reply, done) => {
      request.log.info({ body: request.body }, 'request body');
      done();
    });
  await app.register(helmet, {
    global: true,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        ...{
          defaultSrc: ["'self'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'", "'unsafe-inline'"],
          objectSrc: ["'none'"],
        },
        ...{
          imgSrc: ["'self'", 'data:', 'blob:'],
          baseUri: ["'none'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
        },
      },
    },
    // Whether there is TLS before us is not ours to say.
    strictTransportSecurity: false,
  });
  if (config.corsOrigin !== undefined) await app.register(cors, { origin: config.corsOrigin.split(',') });
  await app.register(rateLimit, {
    // The login has a limit of its own in any case.
    ...{ global: config.rateLimit > 0, max: config.rateLimit, timeWindow: 60_000, cache: 10_000 },
    keyGenerator: clientOf,
    allowList: ({ url }) => ['/healthz', '/readyz', '/metrics'].includes(url),
    errorResponseBuilder: (_request, { max, ttl }) =>
      new HttpProblem('often', {
        detail: `more than ${max} requests in a minute`,
        retryAfter: Math.max(1, Math.ceil(ttl / 1000)),
      }),
  });
  // Before the first route that it tells of.
  const access = describeAccess(config);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title,
        version: '1',
        description: 'What the model of this server says about texts. Errors are problem details, RFC 9457.',
      },
      ...(access && { components: { securitySchemes: access.schemes } }),
    },
    transform: documentSchemas(access),
  });
  await guardAccess(app, config);
  limitInFlight(app, config);
  limitReceiving(app, config.receiveTimeout);
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}

interface ServerParts {
  readonly app: FastifyInstance;
  readonly pool: Pool;
  readonly config: ServingConfig;
  readonly state: { draining: boolean };
}

function serverOf({ app, pool, config, state }: ServerParts): Server {
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    state.draining = true;
    const late = AbortSignal.timeout(config.drainTimeout);
    const stopped = new Promise<void>((resolve) => late.addEventListener('abort', () => resolve(), { once: true }));
    const drained = Promise.all([app.close(), pool.drain()]);
    await Promise.race([drained, stopped]);
    app.server.closeAllConnections();
    await pool.close();
    await app.close();
  }
  return {
    ...{ config, fastify: app, pool },
    get model() {
      return pool.model;
    },
    get address() {
      const bound = app.server.address() as AddressInfo | null;
      if (bound === null) throw new FieldcraftError('FC_INTERNAL', { what: 'the server does not listen yet' });
      const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
      return `http://${host}:${bound.port}`;
    },
    listen: () => app.listen({ host: config.host, port: config.port }),
    reload: (path) => pool.reload(path),
    close: () => (closing ??= close()),
  };
}
