/** Something that was started and has to be stopped. */
export interface Part {
  readonly name: string;
  /** Ends it in an orderly way. */
  stop(): Promise<void>;
  /** Whether stopping it may be cut short when somebody is in a hurry: what it holds is taken up by the next start. */
  readonly mayBeLeft: boolean;
}

/**
 * Stops parts in the reverse of the order in which they were started. A part that fails to stop keeps no other from it.
 * @param hurry resolves when there is no more patience
 * @param say told of what failed
 */
export async function stopParts(
  parts: readonly Part[],
  hurry: Promise<void>,
  say: (text: string) => void,
): Promise<void> {
  for (const part of parts.toReversed()) {
    try {
      await (part.mayBeLeft ? Promise.race([part.stop(), hurry]) : part.stop());
    } catch (error) {
      say(`${part.name} did not stop as it should: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
