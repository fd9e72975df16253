/** Which backend a holder's description is about: its process and when it connected. Its name changes with each file. */
function backendOf(holder: string): string | null {
  const pid = /backend (\d+)/.exec(holder)?.[1];
  const since = /connected since ([^,;)]+)/.exec(holder)?.[1];
  return pid === undefined ? null : `${pid} ${since ?? ''}`;
}

/** Do two descriptions of a lock's holder, as the library words them, mean the same backend? */
export function isSameHolder(one: string, other: string): boolean {
  return one === other || (backendOf(one) !== null && backendOf(one) === backendOf(other));
}
