import { z } from 'zod';
import type { AnyRoute } from './http/route.ts';
import { problemDocument } from './schemas.ts';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of the routes, from the very schemas that parse their requests. */
export function openApi(routes: readonly AnyRoute[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const declared of routes) (paths[declared.path] ??= {})[declared.method] = operation(declared);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Postgres Manager',
      version,
      description:
        'Brings SQL changes to Postgres instances: recorded, queued, run once under the target’s lock, and never forgotten. Faults are told as application/problem+json (RFC 9457), all of a request at once.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key: `pgm_…`.' } },
      schemas: { Problem: jsonSchema(problemDocument, 'output') },
    },
  };
}

function operation(declared: AnyRoute): Json {
  const problem = { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
  return {
    operationId: declared.operationId,
    tags: [declared.tag],
    summary: declared.summary,
    description: [declared.description, declared.role === null ? 'Takes no key.' : `Takes the role ${declared.role}.`]
      .filter(Boolean)
      .join('\n\n'),
    ...(declared.role === null ? { security: [] } : {}),
    parameters: [
      ...parameters(declared.params, 'path'),
      ...parameters(declared.query, 'query'),
      ...Object.entries(declared.headers ?? {}).map(([name, description]) => ({
        name,
        in: 'header',
        required: false,
        description,
        schema: { type: 'string' },
      })),
    ],
    ...(declared.body === null
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonSchema(declared.body, 'input') } },
          },
        }),
    responses: {
      ...Object.fromEntries(
        Object.entries(declared.responses).map(([status, { description, schema, contentType }]) => [
          status,
          schema === undefined
            ? { description }
            : {
                description,
                content: { [contentType ?? 'application/json']: { schema: jsonSchema(schema, 'output') } },
              },
        ]),
      ),
      default: { description: 'What went wrong, and what to do next.', ...problem },
    },
  };
}

function parameters(schema: z.ZodType, place: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(typeof property['description'] === 'string' ? { description: property['description'] } : {}),
    schema: property,
  }));
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' });
  return rest;
}
