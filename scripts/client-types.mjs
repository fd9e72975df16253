// OpenAPI -> TypeScript, for the dashboard's client: each call by its operationId, with what goes in and what comes out.

/** @typedef {Record<string, any>} Schema JSON Schema, draft 2020-12 */
/** @typedef {{ method: string, path: string, operationId: string, role: string | null }} Declared */

/**
 * @param {readonly Declared[]} routes
 * @param {Record<string, any>} document the OpenAPI document of these routes
 * @returns {string} the text of a module
 */
export function clientTypes(routes, document) {
  const types = routes.map((declared) => operation(declared, document['paths'][declared.path][declared.method]));
  const list = routes.map(
    ({ operationId, method, path, role }) =>
      `  ${operationId}: { method: '${method.toUpperCase()}', path: '${path}', role: ${literal(role)} },`,
  );
  return `// Made by \`npm run generate\` from what the API declares; a test holds it to that. Not to be edited.

/** Each call of the API: what goes in, and the JSON that comes out. */
export interface Operations {
${types.join('\n')}
}

/** Where each call is, and the least role that may make it; null: it takes no key. */
export const OPERATIONS = {
${list.join('\n')}
} as const;
`;
}

/**
 * @param {Declared} declared
 * @param {Record<string, any>} documented
 */
function operation({ operationId }, documented) {
  const { parameters = [], requestBody, responses, summary } = documented;
  const body = requestBody === undefined ? 'undefined' : typeOf(jsonOf(requestBody), 4);
  return `  /** ${summary} */
  ${operationId}: {
    params: ${parametersOf(parameters, 'path')};
    query: ${parametersOf(parameters, 'query')};
    body: ${body};
    answer: ${answerOf(responses)};
  };`;
}

/**
 * @param {{ name: string, in: string, required: boolean, schema: Schema }[]} parameters
 * @param {'path' | 'query'} place
 */
function parametersOf(parameters, place) {
  const properties = Object.fromEntries(
    parameters.filter((parameter) => parameter.in === place).map(({ name, schema }) => [name, schema]),
  );
  if (Object.keys(properties).length === 0) return 'undefined';
  const required = parameters.filter((parameter) => parameter.required).map(({ name }) => name);
  return typeOf({ type: 'object', properties, required, additionalProperties: false }, 4);
}

/** @param {Record<string, any>} responses */
function answerOf(responses) {
  const types = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, answer]) => jsonOf(answer))
    .map((schema) => (schema === undefined ? 'undefined' : typeOf(schema, 4)));
  return [...new Set(types)].join(' | ') || 'undefined';
}

/** @param {{ content?: Record<string, { schema: Schema }> }} message */
function jsonOf({ content }) {
  return content?.['application/json']?.schema;
}

/**
 * @param {Schema | boolean | undefined} schema
 * @param {number} indent of the line that it begins on
 * @returns {string}
 */
function typeOf(schema, indent) {
  if (schema === undefined || typeof schema === 'boolean') return 'unknown';
  if ('const' in schema) return literal(schema['const']);
  if (schema['enum'] !== undefined) return union(schema['enum'].map(literal));
  const alternatives = schema['anyOf'] ?? schema['oneOf'];
  if (alternatives !== undefined) return union(alternatives.map((/** @type {Schema} */ one) => typeOf(one, indent)));
  if (schema['allOf'] !== undefined) {
    return schema['allOf'].map((/** @type {Schema} */ one) => grouped(typeOf(one, indent))).join(' & ');
  }
  if (Array.isArray(schema['type'])) {
    return union(schema['type'].map((/** @type {string} */ type) => typeOf({ ...schema, type }, indent)));
  }
  switch (schema['type']) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return `readonly ${grouped(typeOf(schema['items'], indent))}[]`;
    case 'object':
      return objectType(schema, indent);
    default:
      return 'unknown';
  }
}

/**
 * @param {Schema} schema
 * @param {number} indent
 */
function objectType({ properties = {}, required = [], additionalProperties, propertyNames }, indent) {
  const names = Object.keys(properties);
  if (names.length === 0) {
    if (additionalProperties === undefined || additionalProperties === false) return 'Readonly<Record<string, never>>';
    const keys = propertyNames?.enum === undefined ? 'string' : union(propertyNames.enum.map(literal));
    const record = `Record<${keys}, ${typeOf(additionalProperties, indent)}>`;
    // A record by a list of names has all of them only where they are required.
    return `Readonly<${propertyNames?.enum === undefined || required.length > 0 ? record : `Partial<${record}>`}>`;
  }
  const pad = ' '.repeat(indent + 2);
  const lines = names.map((name) => {
    const property = properties[name];
    const isOptional = !required.includes(name);
    const type = typeOf(property, indent + 2);
    const doc =
      property.description === undefined ? '' : `${pad}/** ${property.description.replaceAll('*/', '* /')} */\n`;
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
    return `${doc}${pad}readonly ${key}${isOptional ? '?' : ''}: ${type}${isOptional ? ' | undefined' : ''};`;
  });
  return `{\n${lines.join('\n')}\n${' '.repeat(indent)}}`;
}

/** @param {string[]} types */
function union(types) {
  return [...new Set(types)].map((type) => (type.includes('&') ? grouped(type) : type)).join(' | ');
}

/** @param {string} type */
function grouped(type) {
  return /^(?:\w+|\{[^|&]*\})$/s.test(type) ? type : `(${type})`;
}

/** @param {unknown} value */
function literal(value) {
  return typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : String(value);
}
