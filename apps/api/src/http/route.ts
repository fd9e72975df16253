import type { Role } from '@postgres-manager/control-plane';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Services } from '../services.ts';
import type { Caller } from './caller.ts';

/** What a route answers: a body as JSON, or nothing when the handler has written the answer itself. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request whose parts are parsed. */
export interface Input<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly caller: Caller;
  readonly request: Request;
  readonly response: Response;
  readonly services: Services;
}

interface ResponseDoc {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly contentType?: string;
}

/** One call of the API: what parses it, what documents it, and what does it. */
export interface Route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly method: 'get' | 'put' | 'post' | 'delete';
  /** As OpenAPI writes it: `/v1/targets/{name}`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** The least role that may call it; null: it takes no key, and few calls from one address. */
  readonly role: Role | null;
  readonly params: P;
  readonly query: Q;
  /** Null: a body is not looked at. */
  readonly body: B | null;
  /** Whether a body as large as a bundle is taken. */
  readonly takesBundle?: boolean;
  /** Headers that are looked at, for the documents: name and what it does. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly responses: Readonly<Record<number, ResponseDoc>>;
  readonly handle: (input: Input<z.output<P>, z.output<Q>, z.output<B>>) => Promise<Answer | null>;
}

/** A route whose types have done their work. */
export type AnyRoute = Route<z.ZodType, z.ZodType, z.ZodType>;

/** Declares a route; the handler's input has the types of the schemas beside it. */
export function route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  declared: Route<P, Q, B>,
): AnyRoute {
  return declared;
}
