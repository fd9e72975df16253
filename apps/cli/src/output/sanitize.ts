/*
 * Server messages, file names and SQL can hold escape sequences that would rewrite the screen, and marks that turn
 * the direction of writing. Each such character becomes one `?`, so that columns still count right.
 */
// oxlint-disable-next-line no-control-regex -- finding control characters is what it is for
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A text for one line: no line breaks, tabs kept, nothing that a terminal would obey. */
export function oneLine(text: string): string {
  return text.replace(/\r?\n/g, ' ').replace(UNSAFE, '?');
}

/** A text of several lines, its continuation indented by two. */
export function block(text: string): string {
  return text.trimEnd().replace(/\r\n/g, '\n').replace(UNSAFE, '?').replaceAll('\n', '\n  ');
}

/** Keeps a JSON text valid, and harmless when a terminal shows it: JSON leaves DEL and the C1 controls as they are. */
export function terminalSafeJson(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
