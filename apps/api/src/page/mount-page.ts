import { fileURLToPath } from 'node:url';
import type { Express, Request, Response } from 'express';
import { type PageFile, readPageFiles } from './page-files.ts';

/** What `npm run build` makes of apps/dashboard; seen from here, compiled or not. */
const BUILT = fileURLToPath(new URL('../../../dashboard/dist/page/', import.meta.url));
/** What is the API's own, whoever asks. */
const NOT_THE_PAGE = /^\/(?:v1|docs|healthz|readyz|metrics|openapi\.json|assets)(?:\/|$)/;
const A_YEAR = 'public, max-age=31536000, immutable';
/**
 * Nothing from elsewhere, nothing written into the page: a text from a database that got into the markup would still
 * run nothing and reach nobody.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');
const MISSING = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Postgres Manager</title></head><body>
<h1>The dashboard is not built</h1><p>The API runs, and all of its calls work; only the files of this page are missing. Nothing was changed.</p>
<p>Type <code>npm run build</code> in the repository's folder, then start the API again.</p>
<p>Meanwhile: <a href="/docs">every call of the API</a>.</p></body></html>`;

/**
 * The dashboard: its files below /assets, and its one page at every other address that a browser asks for as HTML, so
 * that a link into it can be opened and reloaded. Whoever asks for JSON gets what the API says.
 * @param folder where its files are, if not where the build puts them
 */
export function mountPage(app: Express, folder: string = BUILT): void {
  const files = readPageFiles(folder);
  // Not by a pattern: one would refuse what can't be decoded, which is the API's to answer.
  app.use((request, response, next) => {
    if (!['GET', 'HEAD'].includes(request.method)) {
      next();
      return;
    }
    const isAsset = request.path.startsWith('/assets/');
    const file = files.get(request.path);
    if (file !== undefined && request.path !== '/index.html') {
      send(request, response, file, isAsset ? A_YEAR : 'public, max-age=3600');
      return;
    }
    if (NOT_THE_PAGE.test(request.path)) {
      next();
      return;
    }
    response.vary('accept');
    if (!asksForHtml(request)) {
      next();
      return;
    }
    response.set('content-security-policy', POLICY);
    const page = files.get('/index.html');
    if (page === undefined) response.status(503).set('cache-control', 'no-store').type('html').send(MISSING);
    else send(request, response, page, 'no-cache');
  });
}

/** By name: a program that takes anything is no browser. */
function asksForHtml(request: Request): boolean {
  return /(?:^|[\s,])text\/html(?:$|[\s;,])/.test(request.get('accept') ?? '');
}

function send(request: Request, response: Response, file: PageFile, caching: string): void {
  response.set({ 'cache-control': caching, etag: file.etag, 'content-type': file.type }).vary('accept-encoding');
  if (request.get('if-none-match')?.includes(file.etag) === true) {
    response.status(304).end();
    return;
  }
  const isGzipped = file.gzipped !== null && request.acceptsEncodings('gzip') === 'gzip';
  if (isGzipped) response.set('content-encoding', 'gzip');
  response.end(isGzipped ? file.gzipped : file.content);
}
