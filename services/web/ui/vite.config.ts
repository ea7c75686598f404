import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The address prefix is known at run time only: the server writes it into the page as <base href>.
export default defineConfig({
  base: "./",
  plugins: [react(), tailwindcss()],
  build: {
    outDir: "../src/elasticdash/web/ui/dist",
    emptyOutDir: true,
    assetsDir: "ui/assets",
    target: "es2022",
    modulePreload: { polyfill: false },
    // Inlined data: files would need a wider content security policy.
    assetsInlineLimit: 0,
  },
});
