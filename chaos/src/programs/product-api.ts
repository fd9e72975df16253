// The built API, as its own program starts it. Argument: the product's folder.
import { pathToFileURL } from 'node:url';
import { endWithParent } from './end-with-parent.ts';

const [root = ''] = process.argv.slice(2);
endWithParent();
const { serve } = (await import(pathToFileURL(`${root}/apps/api/dist/serve.js`).href)) as {
  readonly serve: () => Promise<number>;
};
process.exit(await serve());
