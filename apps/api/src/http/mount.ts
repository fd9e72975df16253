import type { Role } from '@postgres-manager/control-plane';
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import type { z } from 'zod';
import type { Services } from '../services.ts';
import { type Caller, NOBODY, requireRole } from './caller.ts';
import { parsePart } from './parse.ts';
import { type Fault, HttpProblem } from './problem.ts';
import type { AnyRoute } from './route.ts';

const SMALL_BODY_BYTES = 256 * 1024;

/** Counts what is asked: by keys, and where none is taken by addresses. */
export interface Limits {
  readonly byKey: RequestHandler;
  readonly byAddress: RequestHandler;
}

/** Mounts the routes; what is left of a path's methods is refused by name. */
export function mountRoutes(app: Express, routes: readonly AnyRoute[], services: Services, limits: Limits): void {
  const small = jsonParser(SMALL_BODY_BYTES);
  const large = jsonParser(services.config.bundleLimitBytes);
  for (const declared of routes) {
    const { role } = declared;
    const handlers: RequestHandler[] =
      role === null ? [keyless(declared), limits.byAddress] : [authenticate(declared, role, services), limits.byKey];
    // After the key: nobody without one gets a body of 64 MB read.
    if (declared.body !== null)
      handlers.push(requireJson(declared.body), declared.takesBundle === true ? large : small);
    app[declared.method](expressPath(declared.path), ...handlers, handle(declared, services));
  }
  for (const path of new Set(routes.map((declared) => declared.path))) {
    const allowed = routes.filter((declared) => declared.path === path).map(({ method }) => method.toUpperCase());
    app.all(expressPath(path), refuseMethod(allowed));
  }
}

function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function jsonParser(limit: number): RequestHandler {
  return express.json({ limit, strict: false, type: isJson, inflate: true }) as RequestHandler;
}

function isJson(request: { headers: { 'content-type'?: string | undefined } }): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '');
}

/** Where a body may be left out, none is JSON enough. */
function requireJson(body: z.ZodType): RequestHandler {
  const mayBeLeftOut = body.safeParse(undefined).success;
  return (request: Request, _response: Response, next: NextFunction) => {
    if (isJson(request) || (mayBeLeftOut && hasNoBody(request))) {
      next();
      return;
    }
    throw new HttpProblem({
      status: 415,
      code: 'media_type_unsupported',
      detail: 'The body is to be JSON. Nothing was done.',
      hint: 'Send it with Content-Type: application/json.',
    });
  };
}

/** RFC 9112, 6: a message has a body when one of these headers says so. */
function hasNoBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
}

function keyless(declared: AnyRoute): RequestHandler {
  return (_request, response, next) => {
    response.locals['route'] = declared.path;
    next();
  };
}

function authenticate(declared: AnyRoute, role: Role, services: Services): RequestHandler {
  return async (request, response, next) => {
    response.locals['route'] = declared.path;
    const caller = await services.callers.identify(request.get('authorization'), String(response.locals['requestId']));
    response.locals['caller'] = caller;
    requireRole(caller, role);
    next();
  };
}

function handle(declared: AnyRoute, services: Services): RequestHandler {
  return async (request, response) => {
    const faults: Fault[] = [];
    const params = parsePart(declared.params, { ...request.params }, 'path', faults);
    const query = parsePart(declared.query, { ...request.query }, 'query', faults);
    const body = declared.body === null ? undefined : parsePart(declared.body, request.body, 'body', faults);
    if (faults.length > 0) throw refused(faults);
    const caller = declared.role === null ? NOBODY : (response.locals['caller'] as Caller);
    const answer = await declared.handle({ params, query, body, caller, request, response, services });
    if (answer === null || response.destroyed) return;
    response.status(answer.status).set({ 'cache-control': 'no-store', ...answer.headers });
    if (answer.body === undefined) response.end();
    // A line break at the end, for those who read it on a terminal.
    else response.type('json').send(`${JSON.stringify(answer.body)}\n`);
  };
}

/** All faults of a request at once. */
function refused(faults: readonly Fault[]): HttpProblem {
  const inBody = faults.some((fault) => fault.in === 'body');
  const count = faults.length === 1 ? 'A part' : `${faults.length} parts`;
  return new HttpProblem({
    status: inBody ? 422 : 400,
    code: 'request_invalid',
    detail: `${count} of the request ${faults.length === 1 ? 'is' : 'are'} not in order: see errors. Nothing was changed.`,
    hint: 'Mend what is named and send it again; /docs describes every call.',
    errors: faults.slice(0, 100),
  });
}

function refuseMethod(allowed: readonly string[]): RequestHandler {
  return (request) => {
    throw new HttpProblem({
      status: 405,
      code: 'method_not_allowed',
      detail: `${request.method} is not a method of this path. Nothing was done.`,
      hint: `It has ${allowed.join(', ')}.`,
      headers: { allow: allowed.join(', ') },
    });
  };
}
