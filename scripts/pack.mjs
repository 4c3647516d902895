// Completes a published package (scripts/publish.mjs) with what is derived from its own files: the style sheet as a file, and everything in
// one file with the wasm embedded.
//
// usage: node scripts/pack.mjs SOURCE PUBLISHED

import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const { build } = createRequire(new URL('../tests/package.json', import.meta.url))('esbuild');

const [source, published] = process.argv.slice(2).map((path) => resolve(path));
if (!published) throw new Error('usage: node scripts/pack.mjs SOURCE PUBLISHED');

const { default: css } = await import(pathToFileURL(join(published, 'wasm', 'style.js')));
writeFileSync(join(published, 'style.css'), css);

// Where a bundler would look for a file to place, the bytes themselves.
const placed = /\bown\(new URL\("\.\/wasm\/([\w.]+\.wasm)", import\.meta\.url\)\)/g;
let embedded = 0;
const embed = {
  name: 'embed',
  setup(bundle) {
    // The scripts beside the wasm fit it only as they were published together with it.
    bundle.onResolve({ filter: /^\.\/wasm\// }, ({ path }) => ({ path: join(published, path) }));
    bundle.onLoad({ filter: /[/\\]pkg[/\\]\w+\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const imports = [];
      const contents = text.replace(placed, (_, file) => {
        const name = `embedded${embedded++}`;
        imports.push(`import ${name} from "embedded:${file}";\n`);
        return `${name}()`;
      });
      return { contents: imports.join('') + contents };
    });
    bundle.onResolve({ filter: /^embedded:/ }, ({ path }) => ({ path: basename(path.slice('embedded:'.length)), namespace: 'embedded' }));
    bundle.onLoad({ filter: /./, namespace: 'embedded' }, ({ path }) => {
      const base64 = readFileSync(join(published, 'wasm', path)).toString('base64');
      return { contents: `export default () => Uint8Array.from(atob("${base64}"), (letter) => letter.charCodeAt(0));` };
    });
  },
};

const { outputFiles } = await build({
  entryPoints: [join(source, 'inline.js')],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  write: false,
  legalComments: 'none',
  plugins: [embed],
});
const [{ text }] = outputFiles;
if (embedded === 0) throw new Error('inline.js: the place of the wasm was not found');
for (const needle of ['import.meta', 'import(', '.wasm"']) {
  if (text.includes(needle)) throw new Error(`inline.js still has ${needle}`);
}
writeFileSync(join(published, 'inline.js'), text);
