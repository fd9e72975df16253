import type { TreeNode } from './parser.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The kind of a node and its fields: `{IndexStmt: {…}}` gives `['IndexStmt', {…}]`. */
export function openNode(node: TreeNode): readonly [kind: string, fields: Fields] {
  const [entry] = Object.entries(node);
  return entry === undefined ? ['Empty', {}] : [entry[0], entry[1] as Fields];
}

/** Calls `visit` for each node of a kind anywhere below `value`. */
export function visitNodes(value: unknown, visit: (kind: string, fields: Fields) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visitNodes(item, visit);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (typeof child !== 'object' || child === null) continue;
    // Node kinds are capitalised, fields are not; `relation` and the like hold a bare RangeVar.
    if (!Array.isArray(child)) {
      if (isNodeKind(key)) visit(key, child as Fields);
      else if ('relname' in child) visit('RangeVar', child as Fields);
    }
    visitNodes(child, visit);
  }
}

function isNodeKind(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 65 && first <= 90;
}

/** The strings of a list of String nodes: the parts of a qualified name. */
export function nameParts(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => {
    const text = (item as { String?: { sval?: string } }).String?.sval;
    return text === undefined ? [] : [text];
  });
}

/** The name of a function call without its schema, or null. */
export function functionName(fields: Fields): string | null {
  return nameParts(fields['funcname']).at(-1) ?? null;
}

/** Names of the options in a list of DefElem nodes. */
export function optionNames(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => {
    const name = (item as { DefElem?: { defname?: string } }).DefElem?.defname;
    return name === undefined ? [] : [name];
  });
}

/** What a statement names, gathered in one walk over its tree: trees are large, and many rules ask. */
export interface TreeNames {
  /** Functions called, without their schemas. */
  readonly functions: ReadonlySet<string>;
  readonly relations: readonly NamedRelation[];
  /** Settings that calls of set_config change, where the name is a constant. */
  readonly settings: ReadonlySet<string>;
}

interface NamedRelation {
  readonly schema: string | null;
  readonly name: string;
  readonly temporary: boolean;
}

interface GatheredNames {
  readonly functions: Set<string>;
  readonly relations: NamedRelation[];
  readonly settings: Set<string>;
}

/** Walks a statement's tree once. */
export function namesIn(node: TreeNode): TreeNames {
  const names: GatheredNames = { functions: new Set(), relations: [], settings: new Set() };
  gather(node, names);
  return names;
}

function gather(value: object, names: GatheredNames): void {
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) if (typeof item === 'object' && item !== null) gather(item, names);
    return;
  }
  const fields = value as Fields;
  if (typeof fields['relname'] === 'string') {
    names.relations.push({
      schema: typeof fields['schemaname'] === 'string' ? fields['schemaname'] : null,
      name: fields['relname'],
      temporary: fields['relpersistence'] === 't',
    });
    return;
  }
  if (fields['funcname'] !== undefined) gatherCall(fields, names);
  for (const key in fields) {
    const child = fields[key];
    if (typeof child === 'object' && child !== null) gather(child, names);
  }
}

function gatherCall(fields: Fields, names: GatheredNames): void {
  const name = functionName(fields) ?? '';
  names.functions.add(name);
  const [schema] = nameParts(fields['funcname']).slice(-2, -1);
  // A function of the user's own may bear the name of one of the server's.
  if (schema !== undefined && schema !== 'pg_catalog') names.functions.add(`${schema}.${name}`);
  const [first] = Array.isArray(fields['args']) ? (fields['args'] as { A_Const?: { sval?: { sval?: string } } }[]) : [];
  const setting = name === 'set_config' ? first?.A_Const?.sval?.sval : undefined;
  if (setting !== undefined) names.settings.add(setting.toLowerCase());
}
