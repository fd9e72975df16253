import { ControlPlaneError, type ControlPlaneErrorCode, isDatabaseUnavailable } from '@postgres-manager/control-plane';
import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { HttpProblem, problemBody, type ProblemDetails } from './problem.ts';

const STATUS_OF_CODE: Partial<Record<ControlPlaneErrorCode, number>> = {
  target_in_use: 409,
  deployment_final: 409,
  deployment_not_final: 409,
  deployment_not_resolvable: 409,
  resolution_file_wrong: 422,
  resolution_pending: 409,
  rollout_unknown: 404,
  freeze_unknown: 404,
  webhook_unknown: 404,
  webhook_delivery_unknown: 404,
  webhook_disabled: 409,
  webhooks_too_many: 409,
  protection_unknown: 404,
  approval_not_awaited: 409,
  approval_plan_moved: 409,
  approval_own_request: 403,
  rollout_target_unknown: 404,
  rollout_not_steerable: 409,
  bundle_changes_applied: 409,
  idempotency_key_reused: 422,
  idempotency_key_in_flight: 409,
  control_database_unavailable: 503,
};

/** Turns whatever was thrown into a problem document. What nobody foresaw is logged, and told without its inside. */
export function errorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const requestId = String(response.locals['requestId']);
    const details = explain(error);
    response.locals['problemCode'] = details.code;
    if (details.status >= 500) log.error({ requestId, err: safe(error) }, details.detail);
    response
      .status(details.status)
      .set({ 'cache-control': 'no-store', ...details.headers })
      .type('application/problem+json')
      .send(JSON.stringify(problemBody(details, requestId)));
  };
}

function explain(error: unknown): ProblemDetails {
  if (error instanceof HttpProblem) return error.details;
  if (error instanceof ControlPlaneError) {
    const status = STATUS_OF_CODE[error.code] ?? 500;
    return {
      status,
      code: error.code,
      detail: error.message,
      hint: error.hint,
      ...(status === 503 || error.code === 'idempotency_key_in_flight' ? { headers: { 'retry-after': '1' } } : {}),
    };
  }
  if (isDatabaseUnavailable(error)) {
    return {
      status: 503,
      code: 'control_database_unavailable',
      detail:
        'The control database does not answer. Nothing was recorded, unless it was at that very moment: an Idempotency-Key makes repeating safe.',
      hint: 'Send it again in a few seconds; /readyz tells when it is back.',
      headers: { 'retry-after': '2' },
    };
  }
  return explainBody(error) ?? INTERNAL;
}

const INTERNAL: ProblemDetails = {
  status: 500,
  code: 'internal_error',
  detail: 'The service failed at this; that is a defect of its own. What it had begun was rolled back.',
  hint: 'Look for the requestId in the log of the API.',
};

/** What express.json() throws has a `type` (body-parser's documentation, Errors). */
function explainBody(error: unknown): ProblemDetails | null {
  const { type, status } = error as { type?: unknown; status?: unknown };
  if (type === 'entity.too.large') {
    return {
      status: 413,
      code: 'body_too_large',
      detail: 'The body is larger than this call takes. Nothing was done.',
      hint: 'BODY_LIMIT_BYTES of the API sets how large a bundle may be; other calls take 256 KiB.',
    };
  }
  if (type === 'entity.parse.failed') {
    return {
      status: 400,
      code: 'body_not_json',
      detail: 'The body is not JSON. Nothing was done.',
      hint: 'Check it with a JSON parser; quotation marks and commas are what is mostly wrong.',
    };
  }
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') {
    return {
      status: 415,
      code: 'media_type_unsupported',
      detail: 'The body’s encoding is not one that is understood. Nothing was done.',
      hint: 'Send UTF-8, plain or with Content-Encoding: gzip.',
    };
  }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return {
      status,
      code: 'request_invalid',
      detail: 'The request could not be read. Nothing was done.',
      hint: 'Check its path, headers and body.',
    };
  }
  return null;
}

/** Of an error: its kind, message and stack; never what hangs on it, which may hold a command or a row. */
function safe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  return { name: error.name, message: error.message, code: (error as { code?: unknown }).code, stack: error.stack };
}
