import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Plugin, defineConfig } from 'vite';

/** What a page load may cost, in bytes of gzipped JavaScript. */
const BUDGET = 300_000;

/** The router sends files as they lie, compressed too, and cannot list a folder in its jar. */
function compressed(out: () => string): Plugin {
  return {
    name: 'kvlane-compressed',
    apply: 'build',
    closeBundle() {
      let script = 0;
      const files: string[] = [];
      const walk = (folder: string): void => {
        for (const name of readdirSync(folder)) {
          const path = join(folder, name);
          if (statSync(path).isDirectory()) {
            walk(path);
          } else {
            files.push(relative(out(), path));
            const small = gzipSync(readFileSync(path), { level: 9 });
            writeFileSync(`${path}.gz`, small);
            script += name.endsWith('.js') ? small.length : 0;
          }
        }
      };
      walk(out());
      writeFileSync(join(out(), 'files.txt'), `${files.sort().join('\n')}\n`);
      if (script > BUDGET) {
        throw new Error(`The console's scripts have ${script} bytes gzipped; ${BUDGET} are allowed`);
      }
    },
  };
}

const out = process.env['CONSOLE_OUT'] ?? 'dist';

export default defineConfig({
  base: '/console/',
  build: { outDir: out, emptyOutDir: true, license: { fileName: 'licenses.md' }, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [compressed(() => out)],
  server: { proxy: { '/admin': process.env['KVLANE_ADMIN'] ?? 'http://127.0.0.1:9090' } },
});
