import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { budget } from "./vite/budget.ts";
import { licences } from "./vite/licences.ts";
import { precompress } from "./vite/precompress.ts";
import { world } from "./vite/world.ts";

// A running `oriel serve`: the dev server sends every API call there.
const server = process.env.ORIEL_URL ?? "http://127.0.0.1:4319";

// The packages, and of Mantine the components, that the shell imports.
const shell =
  /node_modules\/(?:(?:react|react-dom|scheduler|zod|clsx|tslib|use-sync-external-store)\/|@floating-ui\/|@tanstack\/(?:(?:react-)?(?:router|store)|router-core|history|query-core|react-query)\/|@mantine\/(?:hooks|core\/esm\/(?:core|utils|components\/(?:ActionIcon|Button|CloseButton|FocusTrap|Input|InputBase|Loader|Menu|NativeSelect|Overlay|Paper|Popover|Portal|Text|TextInput|Tooltip|Transition|UnstyledButton|VisuallyHidden)))\/)/;

export default defineConfig({
  // Relative, so that the page works below any path prefix (the server writes <base href>).
  base: "./",
  plugins: [react(), world(), licences(), precompress(), budget()],
  build: {
    outDir: "../ui/dist/app",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 700,
    // What the shell is made of is one file, wanted by every page: in sixty small ones it weighs more, and waits longer.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "shell", test: shell }] } } },
  },
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(
      ["/api", "/oriel", "/loki", "/tempo", "/jaeger", "/alertmanager", "/prometheus", "/-/"].map((path) => [
        path,
        { target: server, ws: true },
      ]),
    ),
  },
  test: {
    // lib is pure and runs without a DOM; a test of a component asks for jsdom in its first line.
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
    // One processor is not left to the terminal: of two that would be half of them.
    maxWorkers: "100%",
    // Node would pick the CommonJS build of this one, which brings a second copy of CodeMirror.
    alias: [{ find: /^@prometheus-io\/codemirror-promql$/, replacement: "@prometheus-io/codemirror-promql/dist/esm/index.js" }],
    server: { deps: { inline: [/@prometheus-io\/codemirror-promql/] } },
  },
});
