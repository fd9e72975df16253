/** Why no Postgres could be set up, in words for the person who started it. Anything else that is thrown is a defect. */
export class SetupError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SetupError';
  }
}
