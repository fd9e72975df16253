/** Ends this process when the other end of its standard input does: nothing outlives the run that started it. */
export function endWithParent(): void {
  process.stdin.on('end', () => process.exit(1));
  process.stdin.on('error', () => process.exit(1));
  process.stdin.resume();
}
