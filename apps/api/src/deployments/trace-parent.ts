import type { Request } from 'express';

/** W3C Trace Context, 3.2: version 00, trace id, parent id, flags. */
const TRACE_PARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The request's `traceparent`, if it is one: what the tracing of this process has made of it, else the header. */
export function traceParentOf(request: Request): string | null {
  const given = (request.res?.locals['traceParent'] as string | undefined) ?? request.get('traceparent');
  return given !== undefined && TRACE_PARENT.test(given) ? given : null;
}
