// Bundles the window. Everything becomes a file of its own with a relative address, because the window's content security policy
// allows scripts, styles, fonts and images from its own origin only: nothing inline, no data: addresses.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('./src-renderer', import.meta.url)),
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/src-renderer',
    emptyOutDir: true,
    target: 'esnext',
    assetsInlineLimit: 0,
    // The polyfill fetches, which `default-src 'none'` forbids; every shell's Chromium preloads modules by itself.
    modulePreload: { polyfill: false },
    sourcemap: true,
  },
});
