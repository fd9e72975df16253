/** Hints may come by the hundred: looks keep this distance. */
const REST_MS = 25;

/**
 * Looks whenever it is asked to, one look at a time and never two without a rest between them: what is asked for
 * meanwhile is one more look.
 */
export class SpacedLooks {
  readonly #lookOnce: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #looking = false;
  #again = false;

  constructor(lookOnce: () => Promise<void>, onError: (error: unknown) => void) {
    this.#lookOnce = lookOnce;
    this.#onError = onError;
  }

  look(): void {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    this.#lookOnce()
      .catch(this.#onError)
      .finally(() => {
        setTimeout(() => {
          this.#looking = false;
          if (!this.#again) return;
          this.#again = false;
          this.look();
        }, REST_MS);
      });
  }
}
