import { defineConfig } from 'vite';

/**
 * The playground's page: `vite build src/playground/page`, from the root of the repository. Everything is a
 * file of its own and nothing is written into the HTML, so that the strictest content policy lets it run.
 */
export default defineConfig({
  build: {
    outDir: '../../../dist-playground/page',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
});
