import { createHash } from 'node:crypto';
import type { AnyRoute } from './http/route.ts';
import { openApi } from './openapi.ts';

/** The reference of all calls as one page: no script, nothing fetched from anywhere. */
export function docsPage(routes: readonly AnyRoute[], version: string): string {
  const document = openApi(routes, version) as { paths: Record<string, Record<string, Operation>> };
  const tags = [...new Set(routes.map(({ tag }) => tag))];
  const sections = tags.map((tag) => {
    const calls = routes.filter((declared) => declared.tag === tag);
    return `<section><h2 id="${escape(tag)}">${escape(tag)}</h2>${calls
      .map((declared) => call(declared, document.paths[declared.path]?.[declared.method]))
      .join('')}</section>`;
  });
  const menu = tags.map(
    (tag) =>
      `<li><a href="#${escape(tag)}">${escape(tag)}</a><ul>${routes
        .filter((declared) => declared.tag === tag)
        .map(({ operationId, summary }) => `<li><a href="#${operationId}">${escape(summary)}</a></li>`)
        .join('')}</ul></li>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Postgres Manager: API</title><style>${STYLE}</style></head><body>
<nav aria-label="Calls"><strong>Postgres Manager</strong> <small>${escape(version)}</small><ul>${menu.join('')}</ul></nav>
<main><h1>API</h1><p>Every call needs <code>Authorization: Bearer pgm_…</code>. Bodies are JSON in camelCase. Faults are
<code>application/problem+json</code>, all of a request at once, each with what to do next. The same as a document for
programs: <a href="/openapi.json">openapi.json</a>.</p>${sections.join('')}</main></body></html>`;
}

interface Operation {
  readonly description: string;
  readonly parameters: readonly {
    name: string;
    in: string;
    required: boolean;
    description?: string;
    schema: unknown;
  }[];
  readonly requestBody?: { content: Record<string, { schema: unknown }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: unknown }> }>;
}

function call(declared: AnyRoute, operation: Operation | undefined): string {
  if (operation === undefined) return '';
  const parameters = operation.parameters.map(
    (p) =>
      `<tr><td><code>${escape(p.name)}</code></td><td>${p.in}${p.required ? '' : ', optional'}</td><td>${marked(p.description ?? '')}</td></tr>`,
  );
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  const answers = Object.entries(operation.responses).map(([status, answer]) => {
    const [type, content] = Object.entries(answer.content ?? {})[0] ?? [];
    const schema = content === undefined || status === 'default' ? '' : details(`${type}`, content.schema);
    return `<li><code>${status === 'default' ? 'else' : status}</code> ${escape(answer.description)}${schema}</li>`;
  });
  return `<article id="${declared.operationId}"><h3><span class="${declared.method}">${declared.method.toUpperCase()}</span> <code>${escape(declared.path)}</code></h3>
<p><strong>${escape(declared.summary)}.</strong> ${marked(operation.description)}</p>
${parameters.length === 0 ? '' : `<table><thead><tr><th>name</th><th>where</th><th>what</th></tr></thead><tbody>${parameters.join('')}</tbody></table>`}
${body === undefined ? '' : fields(body)}<ul>${answers.join('')}</ul></article>`;
}

function fields(schema: unknown): string {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, { description?: string; type?: string; enum?: unknown[]; default?: unknown }>;
    required?: string[];
  };
  const rows = Object.entries(properties).map(([name, field]) => {
    const kind = field.enum?.map(String).join(' | ') ?? field.type ?? '';
    const given =
      field.default === undefined
        ? required.includes(name)
          ? ''
          : ', optional'
        : `, default ${JSON.stringify(field.default)}`;
    return `<tr><td><code>${escape(name)}</code></td><td>${escape(kind + given)}</td><td>${marked(field.description ?? '')}</td></tr>`;
  });
  return `<table><thead><tr><th>body</th><th>type</th><th>what</th></tr></thead><tbody>${rows.join('')}</tbody></table>${details('body as JSON Schema', schema)}`;
}

function details(title: string, schema: unknown): string {
  return `<details><summary>${escape(title)}</summary><pre>${escape(JSON.stringify(schema, null, 2))}</pre></details>`;
}

function marked(text: string): string {
  return escape(text)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll('\n\n', ' ');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const STYLE = `:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{margin:0;font:16px/1.55 system-ui,sans-serif;display:grid;grid-template-columns:17rem minmax(0,54rem);gap:3rem}
nav{position:sticky;top:0;height:100vh;overflow:auto;box-sizing:border-box;padding:1.5rem;border-right:1px solid var(--line);font-size:.875rem}
nav ul{list-style:none;padding:0}nav ul ul{padding-left:.75rem}nav>ul>li{margin-top:1rem;font-weight:600}nav ul ul li{font-weight:400}
a{color:inherit;text-decoration-color:var(--line)}main{padding:1rem 1.5rem 6rem 0}
article{border-top:1px solid var(--line);margin-top:2rem;padding-top:.5rem}h3 code{font-size:1rem}
h3 span{display:inline-block;min-width:4.2rem;font-size:.75rem;text-align:center;border:1px solid;border-radius:.3rem;padding:.1rem 0;margin-right:.4rem}
.get{color:#1a7f37}.post{color:#9a6700}.put{color:#0969da}.delete{color:#cf222e}
table{border-collapse:collapse;width:100%;margin:.75rem 0;font-size:.9rem}th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
code,pre{font-family:ui-monospace,monospace;font-size:.875em}pre{background:var(--soft);padding:.75rem;overflow:auto;border-radius:.4rem;max-height:24rem}
@media(max-width:60rem){body{display:block}nav{position:static;height:auto;border:0}main{padding:1rem}}`;

/** For a Content-Security-Policy that lets through this style and no other. */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;
