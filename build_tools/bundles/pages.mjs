// The pages' modules joined: what every page needs in one file, the rest in as few as pages share.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const { root, out, pages, base } = JSON.parse(readFileSync(0, 'utf8'));
const common = new Set(base.map((name) => resolve(root, name)));

export default {
  input: Object.fromEntries(pages.map((name) => [name.replace(/\.js$/, ''), resolve(root, name)])),
  external: /\/vendor\//,
  onwarn({ code, message }) { if (code !== 'CIRCULAR_DEPENDENCY') throw new Error(message); },
  output: {
    dir: out,
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: 'js/shared/[hash].js',
    hoistTransitiveImports: false,
    // A module of a few lines is sent along rather than fetched by itself.
    experimentalMinChunkSize: 2500,
    manualChunks: (id) => (common.has(id) ? 'base' : undefined),
  },
};
