import {
  type Actor,
  type ControlDatabase,
  findVerdict,
  problemsOfMode,
  storeBundle,
} from '@postgres-manager/control-plane';
import {
  type Bundle,
  bundleFromFiles,
  type Mode,
  type Problem,
  type ScriptDescription,
  SqlDeployError,
} from '@postgres-manager/sql-deploy';
import { HttpProblem } from '../http/problem.ts';
import { Validator } from './validator.ts';

const MOST_VERDICTS = 1000;

/** A stored bundle with the validator's verdict. */
export interface Judged {
  readonly digest: string;
  readonly problems: readonly Problem[];
  readonly isNew: boolean;
}

/** Takes bundles in: each content is validated once and stored once, by its digest. */
export class BundleDesk {
  readonly #db: ControlDatabase;
  readonly #root: string;
  readonly #validator = new Validator();
  /** Verdicts never change: they are kept, so that a deployment of a known bundle asks nothing. */
  readonly #verdicts = new Map<string, readonly Problem[]>();

  constructor(db: ControlDatabase, root: string) {
    this.#db = db;
    this.#root = root;
  }

  /** @throws HttpProblem 422 for paths that no bundle takes, and for files that can't be kept */
  async takeFiles(files: readonly { path: string; content: string | Uint8Array }[], actor: Actor): Promise<Judged> {
    return await this.#take(bundleOf(files), actor);
  }

  /** A snapshot of the server's own folders. */
  async takeServerFolders(actor: Actor): Promise<Judged> {
    return await this.#take(await this.#readFolders(), actor);
  }

  /**
   * @returns the digest
   * @throws HttpProblem 404 for an unknown bundle, 422 when problems are in the way of `mode`
   */
  async requireFit(digest: string, mode: Mode): Promise<void> {
    const problems = await this.verdict(digest);
    if (problems === null) {
      throw new HttpProblem({
        status: 422,
        code: 'bundle_unknown',
        detail: `There is no bundle ${digest}. No deployment was made.`,
        hint: 'Push it first with POST /v1/bundles, and give the digest from its answer.',
        errors: [{ in: 'body', path: 'bundle', message: 'There is no such bundle.' }],
      });
    }
    const inTheWay = problemsOfMode(problems, mode);
    if (inTheWay.length > 0) throw invalid(inTheWay, mode);
  }

  /** Null for a bundle that is not stored. */
  async verdict(digest: string): Promise<readonly Problem[] | null> {
    const kept = this.#verdicts.get(digest);
    if (kept !== undefined) return kept;
    const found = await findVerdict(this.#db, digest);
    if (found !== null) this.#keep(digest, found);
    return found;
  }

  /** How a `.sql` file of valid UTF-8 would be run; null when it has problems. */
  async describe(path: string, bytes: Uint8Array): Promise<ScriptDescription | null> {
    const [file] = bundleFromFiles([{ path, content: bytes }]).files;
    return file === undefined ? null : await this.#validator.describe(file);
  }

  async close(): Promise<void> {
    await this.#validator.close();
  }

  async #take(bundle: Bundle, actor: Actor): Promise<Judged> {
    const known = await this.verdict(bundle.digest);
    if (known !== null && bundle.unusable.length === 0) return { digest: bundle.digest, problems: known, isNew: false };
    const problems = await this.#validator.validate(bundle);
    // What can't be read can't be kept: it is told, and nothing is stored.
    if (bundle.unusable.length > 0) throw invalid(problems, null);
    const isNew = await storeBundle(this.#db, bundle, problems, actor);
    this.#keep(bundle.digest, problems);
    return { digest: bundle.digest, problems, isNew };
  }

  /** What is wrong with the folder is the operator's business: its path goes to nobody. */
  async #readFolders(): Promise<Bundle> {
    try {
      return await this.#validator.read(this.#root);
    } catch (error) {
      if (!(error instanceof SqlDeployError)) throw error;
      throw new HttpProblem({
        status: 422,
        code: error.code,
        detail:
          'This server has no SQL folders of its own: there is nothing to deploy without a bundle. No deployment was made.',
        hint: 'Push a bundle with POST /v1/bundles and give its digest as `bundle`; or set SQL_ROOT of the API to the folder that holds create/, deployment/ or manual-deployment/.',
        errors: [{ in: 'body', path: 'bundle', message: 'Is needed here.' }],
      });
    }
  }

  #keep(digest: string, problems: readonly Problem[]): void {
    if (this.#verdicts.size >= MOST_VERDICTS) this.#verdicts.clear();
    this.#verdicts.set(digest, problems);
  }
}

function bundleOf(files: readonly { path: string; content: string | Uint8Array }[]): Bundle {
  try {
    return bundleFromFiles(files);
  } catch (error) {
    if (!(error instanceof SqlDeployError)) throw error;
    throw new HttpProblem({
      status: 422,
      code: error.code,
      detail: `${error.message} Nothing was stored.`,
      hint: error.hint,
      errors: [{ in: 'body', path: 'files', message: error.message }],
    });
  }
}

function invalid(problems: readonly Problem[], mode: Mode | null): HttpProblem {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new HttpProblem({
    status: 422,
    code: 'bundle_invalid',
    detail:
      mode === null
        ? `The bundle has ${count}, and holds what cannot be stored. Nothing was stored.`
        : `The bundle has ${count} in the way of a ${mode}. No deployment was made, and no target was touched.`,
    hint: 'Each problem says where it is and how to mend it; `postgres-manager validate` finds the same on your machine.',
    problems,
  });
}
