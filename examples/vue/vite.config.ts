import vue from "@vitejs/plugin-vue";
import { defineConfig, loadEnv } from "vite";

// The gateway, or your own backend.
const target = loadEnv("development", ".", "GATEWAY").GATEWAY ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === "sendapi-pairing" } } })],
  server: { proxy: { "/api/whatsapp": { target } } },
});
