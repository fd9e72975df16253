import { type Logger, pino } from 'pino';
import type { LogLevel } from '@postgres-manager/control-plane';

/**
 * Logs as JSON, one line for each thing that happened. Of an error only what is known to hold no secret: the driver
 * and the queue put parameters, commands and addresses into their errors' other fields.
 */
export function openLog(level: LogLevel, workerId: string): Logger {
  return pino({
    level,
    base: { service: 'worker', worker: workerId },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: shownError },
  });
}

function shownError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { name, message, stack } = error;
  const { code } = error as { code?: unknown };
  return { name, message, stack, ...(typeof code === 'string' ? { code } : {}) };
}
