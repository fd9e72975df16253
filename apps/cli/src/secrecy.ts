/**
 * Whether a text may hold a connection's secret: a URL, `user:password@host`, or the keyword form.
 * Such a text is never printed, and never accepted anywhere but as the DSN (a ledger row would keep it).
 */
export function looksLikeDsn(text: string): boolean {
  return /:\/\/|passw(?:or)?d\s*=|:[^\s@]*@|\bhost\s*=|\bdbname\s*=/i.test(text);
}

/** A flag as messages show it: only a plain word of letters, never its value; else its place on the command line. */
export function nameOfUnknownFlag(token: string, place: number): string {
  const name = token.split('=', 1)[0] ?? '';
  // `-pSECRET` is how other clients take a password, so no more than the letter is shown.
  if (!name.startsWith('--')) return /^-[a-zA-Z]$/.test(name) ? name : `in argument ${place}`;
  return /^--[a-zA-Z][a-zA-Z-]{0,39}$/.test(name) ? name : `in argument ${place}`;
}

/** Whether a flag's name, in lower case and without its dashes, is one that people give an API key with. */
export function looksLikeKeyFlag(name: string): boolean {
  return /^(api-?)?(key|token)$|^(bearer|auth|authorization)$|^postgres-manager-key$/.test(name);
}

/** Takes a DSN and the password in it out of a text (a stack trace) that this app did not write itself. */
export function redact(text: string, dsn: string | null): string {
  let clean = text;
  for (const secret of dsn === null ? [] : secretsOf(dsn)) clean = clean.replaceAll(secret, '[hidden]');
  return clean
    .replace(/:\/\/[^\s/@]*@/g, '://[hidden]@')
    .replace(/(passw(?:or)?d\s*=\s*)('[^']*'|\S+)/gi, '$1[hidden]');
}

function secretsOf(dsn: string): string[] {
  const inUrl = /:\/\/[^:/@\s]*:(.*)@/.exec(dsn)?.[1];
  const inKeywords = /passw(?:or)?d\s*=\s*(?:'([^']*)'|([^\s&]+))/i.exec(dsn);
  const passwords = [inUrl, inKeywords?.[1], inKeywords?.[2]].filter((p) => p !== undefined && p !== '') as string[];
  return [dsn, ...passwords, ...passwords.map(decoded)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
