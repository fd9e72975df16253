/** A size for people: `812 B`, `14 KiB`, `3.2 MiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kibi = bytes / 1024;
  if (kibi < 1024) return `${kibi < 10 ? kibi.toFixed(1) : Math.round(kibi)} KiB`;
  const mebi = kibi / 1024;
  return `${mebi < 10 ? mebi.toFixed(1) : Math.round(mebi)} MiB`;
}

/** A digest as far as it is needed to tell it from others. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12);
}
