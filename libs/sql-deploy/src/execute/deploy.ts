import type { DeployOptions } from './options.ts';
import type { Report } from './report.ts';

/** Brings one bundle to one target in one mode. */
export async function deploy(options: DeployOptions): Promise<Report> {
  throw new Error(`not yet: ${options.mode}`);
}
