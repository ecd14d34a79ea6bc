// Bundles the preload into one CommonJS file: a sandboxed preload cannot be an ES module and cannot require other files.
import { defineConfig } from 'vite';

export default defineConfig({
  publicDir: false,
  build: {
    outDir: 'dist/src-main/shell/electron',
    emptyOutDir: false,
    target: 'node24',
    minify: false,
    lib: { entry: 'src-main/shell/electron/preload.ts', formats: ['cjs'], fileName: () => 'preload.cjs' },
    rolldownOptions: { external: ['electron'], output: { codeSplitting: false } },
  },
});
