/** One entry of an `order.json`: a file name and what is given as its position. */
export interface ManifestEntry {
  readonly name: string;
  /** The value as it stands: a number when all is well. */
  readonly value: unknown;
  /** Where the name stands: a UTF-16 index into the text. */
  readonly nameIndex: number;
  readonly valueIndex: number;
}

export type ManifestReading =
  | { readonly ok: true; readonly entries: readonly ManifestEntry[] }
  | { readonly ok: false; readonly message: string; readonly index: number };

/**
 * Reads the text of an `order.json`: one JSON object (RFC 8259) that gives each file its position,
 * `{"tbl_a.sql": 1, "tbl_b.sql": 2}`. It reads by itself because JSON.parse keeps only the last of two equal names,
 * says nothing of places, and puts pieces of the text in its messages.
 */
export function readOrderManifest(text: string): ManifestReading {
  try {
    return { ok: true, entries: new ManifestReader(text).read() };
  } catch (error) {
    if (error instanceof ManifestFault) return { ok: false, message: error.message, index: error.index };
    throw error;
  }
}

/** Whether a value is a position: a whole number from 1. */
export function isPosition(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

class ManifestFault extends Error {
  readonly index: number;

  constructor(message: string, index: number) {
    super(message);
    this.index = index;
  }
}

const BLANK = /[ \t\n\r]*/y;
// oxlint-disable-next-line no-control-regex -- JSON forbids them in strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

/** More than any list of file names needs, and little enough for the patterns above. */
const MAX_CHARACTERS = 1_000_000;

class ManifestReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): ManifestEntry[] {
    if (this.#text.length > MAX_CHARACTERS) throw this.#fault(`The file is longer than ${MAX_CHARACTERS} characters`);
    this.#skipBlank();
    if (this.#at === this.#text.length) throw this.#fault('The file is empty');
    if (this.#peek() !== '{') throw this.#fault('It does not begin with a {');
    const entries = this.#object();
    this.#skipBlank();
    if (this.#at < this.#text.length) throw this.#fault('Something follows the closing } of the object');
    return entries;
  }

  #object(): ManifestEntry[] {
    const entries: ManifestEntry[] = [];
    this.#at++;
    this.#skipBlank();
    if (this.#takeIf('}')) return entries;
    do {
      this.#skipBlank();
      if (entries.length > 0 && this.#peek() === '}') throw this.#fault('There is a comma before the closing }');
      const nameIndex = this.#at;
      const name = this.#string('A name in double quotes is missing here');
      this.#skipBlank();
      if (!this.#takeIf(':')) throw this.#fault('A colon is missing here, between a name and its position');
      this.#skipBlank();
      const valueIndex = this.#at;
      entries.push({ name, value: this.#value(), nameIndex, valueIndex });
      this.#skipBlank();
    } while (this.#takeIf(','));
    if (!this.#takeIf('}')) throw this.#fault('A comma or the closing } is missing here');
    return entries;
  }

  #value(): unknown {
    const next = this.#peek();
    if (next === '"') return this.#string('');
    if (next === '{' || next === '[') {
      throw this.#fault(`A position is a whole number; ${next === '{' ? 'an object' : 'a list'} stands here`);
    }
    const scalar = this.#match(SCALAR);
    if (scalar === null) throw this.#fault('A position, a whole number, is missing here');
    return JSON.parse(scalar);
  }

  #string(messageIfAbsent: string): string {
    if (this.#peek() !== '"') throw this.#fault(messageIfAbsent);
    const token = this.#match(STRING);
    if (token === null) throw this.#fault('A text in double quotes begins here and is not ended well');
    return JSON.parse(token) as string;
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #takeIf(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }

  #skipBlank(): void {
    this.#match(BLANK);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return null;
    this.#at += found[0].length;
    return found[0];
  }

  #fault(message: string): ManifestFault {
    return new ManifestFault(message, this.#at);
  }
}
