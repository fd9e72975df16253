/** The fields of a server's error or notice that may be shown. `detail` is left out: it can hold row contents. */
export interface ServerError extends Error {
  readonly code: string;
  readonly severity: string;
  readonly hint?: string;
  /** 1-based, in characters of the text that was sent. */
  readonly position?: string;
  readonly where?: string;
  readonly routine?: string;
}

/** Whether an error came from the server, with a SQLSTATE, and not from the network or the driver. */
export function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'severity' in error && 'code' in error && /^[0-9A-Z]{5}$/.test(String(error.code));
}

/** Whether an error means that the connection itself is gone (class 08, or the server going down). */
export function endsConnection(error: unknown): boolean {
  if (!isServerError(error)) return true;
  return error.severity === 'FATAL' || error.severity === 'PANIC' || error.code.startsWith('08');
}
