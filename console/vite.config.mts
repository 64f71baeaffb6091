import { defineConfig } from 'vite';

/** Where the API is that `npx vite console` sends the page's requests to, while one works on it. */
const LOCAL_API = 'http://127.0.0.1:3000';

/** The console's page, which the API serves at `/console`. Where it is built is for build.mjs to say. */
export default defineConfig({
  base: '/console/',
  build: {
    emptyOutDir: true,
    // The page's security policy allows no script and no picture that isn't a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': LOCAL_API } },
});
