import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import { recordProviderEvent } from '../engine/payments/provider-events.ts';
import { DomainError } from '../domain/errors.ts';
import { providerOf } from '../psp/port.ts';
import { createAdmission } from './admission.ts';
import { rawBody } from './body.ts';
import type { ApiDeps } from './deps.ts';
import { inTime } from './in-time.ts';
import { createTurns } from './limits/turns.ts';
import { servePages } from './pages.ts';
import { identified, logged } from './request-context.ts';
import { ROUTES } from './routes/index.ts';
import { errorHandler, serve } from './serve.ts';

/** How many previews of a merchant are computed at once, and how many may wait. */
const PREVIEWS = { atOnce: 4, waiting: 12 } as const;

/** Creates the HTTP API. The handlers are in the order in which a request passes them. */
export function createApp(deps: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.set('trust proxy', deps.trustedProxies ?? []);
  app.use(identified);
  app.use(securityHeaders());
  app.use(logged(deps));
  app.use('/v1', neverStored);
  app.get('/healthz', (_, response) => {
    response.json({ status: 'ok', version: deps.version });
  });
  app.get('/readyz', ready(deps));
  servePages(app);
  app.post('/v1/providers/:provider/webhooks', inTime(deps, webhooks(deps)));
  const previews = createTurns(PREVIEWS);
  const entry = { admit: createAdmission(deps, previews), previews };
  for (const route of ROUTES) {
    const { method, path, effect, produces } = route.spec;
    const handler = serve(deps, route, entry);
    app[method](
      expressPath(path),
      inTime(deps, handler, {
        onlyWhileHeard: effect === 'read',
        streams: produces === 'text/csv',
      }),
    );
  }
  refuseOtherMethods(app);
  app.use(() => {
    throw new DomainError('not_found', 'there is no route with this path');
  });
  app.use(errorHandler(deps));
  return app;
}

/** Converts `{id}` in a declared path to Express' `:id`. */
function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

/** Sets the security headers. Only the reference page needs scripts and styles, and this server delivers them. */
function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        scriptSrc: ["'self'"],
        // Swagger UI sets styles on its elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
  });
}

/** Forbids caching: answers and refusals contain data of customers. */
const neverStored: RequestHandler = (_, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

/**
 * Answers /readyz. The API is ready also without Temporal: requests that need it are stored, and Temporal is asked again later.
 * The path needs no key, and the database probe has one connection, so simultaneous requests share one probe.
 */
function ready({ notReady }: ApiDeps): RequestHandler {
  let asking: Promise<string | null> | null = null;
  return async (_, response) => {
    asking ??= notReady().finally(() => (asking = null));
    const reason = await asking;
    if (reason === null) response.json({ status: 'ready' });
    else response.status(503).json({ status: 'not_ready', reason });
  };
}

/** Receives webhooks. Providers sign them, so the signature of the raw bytes is checked before the body is parsed. */
function webhooks({
  pool,
  providers,
  metrics,
}: ApiDeps): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    const name = String(request.params['provider']);
    const provider = providerOf(providers, name);
    if (provider === undefined) throw new DomainError('not_found', 'there is no such provider');
    const event = provider.parseWebhook(await rawBody(request, response), request.headers);
    const { changed } = await recordProviderEvent(pool, provider.name, event);
    if (changed) {
      const { type: state, reason = null } = event;
      metrics?.observer.outcome({ provider: provider.name, state, reason });
    }
    response.json({ received: true });
  };
}

/** Refuses unknown methods on all paths that are routed so far. The header `Allow` lists the known ones. */
function refuseOtherMethods(app: Express): void {
  const known = new Map<string, string[]>();
  for (const { route } of app.router.stack) {
    if (route === undefined) continue;
    const methods = route.stack.map(({ method }) => (method === 'get' ? 'GET, HEAD' : method.toUpperCase()));
    known.set(route.path, [...(known.get(route.path) ?? []), ...methods]);
  }
  for (const [path, methods] of known) {
    app.all(path, (request, response) => {
      response.set('Allow', methods.join(', '));
      throw new DomainError('method_not_allowed', `this path does not support ${request.method}`);
    });
  }
}
