import { defineConfig } from 'vite';

/** Where the API is that `npx vite console` sends the page's requests to, while one works on it. */
const LOCAL_API = 'http://127.0.0.1:3000';

/** Builds the console's page into `dist/console`, from where the API serves it at `/console`. */
export default defineConfig({
  base: '/console/',
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    // The page's security policy allows no script and no picture that isn't a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': LOCAL_API } },
});
