/** Builds an app's screen: `node build-screen.mjs APP` bundles APP/screen into APP/dist/screen. All apps are built alike. */
import { resolve } from 'node:path';
import { build } from 'vite';

const [app = '.'] = process.argv.slice(2);

await build({
  configFile: false,
  root: resolve(app, 'screen'),
  // Relative addresses: an app may stand under any path of a site.
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: resolve(app, 'dist/screen'),
    emptyOutDir: true,
    // Everything is a file of our own, so that a strict content security policy needs no exception.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
