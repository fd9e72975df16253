/** A string constant for use in a text of several statements, which can take no parameters. */
export function literal(value: string | number | null): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  const quoted = value.replaceAll("'", "''");
  // The E form reads backslashes the same whatever standard_conforming_strings says.
  return quoted.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}

/** A quoted identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A quoted, qualified name; without a schema the search_path decides. */
export function qualified(name: { readonly schema: string | null; readonly name: string }): string {
  return name.schema === null ? identifier(name.name) : `${identifier(name.schema)}.${identifier(name.name)}`;
}
