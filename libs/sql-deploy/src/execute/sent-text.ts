import { bomLength } from '../sql/chunk-text.ts';
import { utf16Index } from '../sql/source-position.ts';
import { chunkText, type Group } from './group.ts';

/** Where a piece of a file stands in a text that was sent. Offsets are UTF-16, as JavaScript counts. */
interface Part {
  readonly group: number;
  readonly chunk: number;
  readonly start: number;
  readonly end: number;
}

/** A text as sent to the server, and the way back from its places to those of the files. */
export class SentText {
  readonly text: string;
  readonly #parts: readonly Part[];
  readonly #groups: readonly Group[];

  private constructor(text: string, parts: readonly Part[], groups: readonly Group[]) {
    this.text = text;
    this.#parts = parts;
    this.#groups = groups;
  }

  /** Several small files, each a transaction of its own, as one text. */
  static ofBatch(groups: readonly Group[]): SentText {
    const pieces: string[] = [];
    const parts: Part[] = [];
    let length = 0;
    for (const [index, group] of groups.entries()) {
      const text = chunkText(group.file, group.script, 0);
      const start = length + group.head.length;
      parts.push({ group: index, chunk: 0, start, end: start + text.length });
      pieces.push(group.head, text, group.tail);
      length = start + text.length + group.tail.length;
    }
    return new SentText(pieces.join(''), parts, groups);
  }

  /** A large file, chunk by chunk in one transaction: made as they are sent, for they need not be held at once. */
  static *ofLargeFile(group: Group): Generator<SentText> {
    yield new SentText(group.head, [], [group]);
    for (const chunk of group.script.chunks.keys()) {
      const text = chunkText(group.file, group.script, chunk);
      yield new SentText(text, [{ group: 0, chunk, start: 0, end: text.length }], [group]);
    }
    yield new SentText(group.tail, [], [group]);
  }

  /**
   * @param position as the server gives it: 1-based, in characters of the text sent
   * @returns which file, and the byte offset in it; null when the place lies in what surrounds the files
   */
  locate(position: number): { readonly group: number; readonly byteOffset: number } | null {
    const index = utf16Index(this.text, position - 1);
    const part = this.#parts.find((candidate) => index >= candidate.start && index <= candidate.end);
    const group = part === undefined ? undefined : this.#groups[part.group];
    const chunk = part === undefined ? undefined : group?.script.chunks[part.chunk];
    if (part === undefined || group === undefined || chunk === undefined) return null;
    const before = Buffer.byteLength(this.text.slice(part.start, index));
    return { group: part.group, byteOffset: chunk.start + bomLength(group.file.bytes, chunk) + before };
  }
}
