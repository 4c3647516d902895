import { defineConfig } from "vite";

// Its dev server would bundle the package without the wasm beside it.
export default defineConfig({ optimizeDeps: { exclude: ["sendapi-pairing"] } });
