/** One message between client and server (PostgreSQL manual 55.7). */
export interface Message {
  readonly from: 'client' | 'server';
  /** One letter; `startup` for the client's first. */
  readonly type: string;
  /** What follows type and length, as text: for matching. */
  readonly text: string;
}

/** Cuts what comes from one side into messages. */
export class MessageReader {
  readonly #from: 'client' | 'server';
  #rest: Buffer = Buffer.alloc(0);
  #started: boolean;

  constructor(from: 'client' | 'server') {
    this.#from = from;
    this.#started = from === 'server';
  }

  take(bytes: Buffer): { readonly message: Message; readonly raw: Buffer }[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const taken: { message: Message; raw: Buffer }[] = [];
    for (;;) {
      const head = this.#started ? 1 : 0;
      if (this.#rest.length < head + 4) return taken;
      const size = head + this.#rest.readUInt32BE(head);
      if (this.#rest.length < size) return taken;
      const raw = this.#rest.subarray(0, size);
      this.#rest = this.#rest.subarray(size);
      const type = this.#started ? String.fromCharCode(raw[0] ?? 0) : 'startup';
      this.#started = true;
      taken.push({ message: { from: this.#from, type, text: raw.toString('utf8', head + 4) }, raw });
    }
  }
}
