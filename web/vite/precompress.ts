import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import type { Plugin } from "vite";

// Fonts and images are compressed already.
const compressible = /\.(js|css|svg|json|txt)$/;
// Below about one network packet, a variant saves nothing.
const minBytes = 1400;

/** Writes .gz and .br beside every text asset of the build, for the server to choose by Accept-Encoding. */
export function precompress(): Plugin {
  let outDir = "";
  return {
    name: "oriel-precompress",
    apply: "build",
    configResolved(config) {
      outDir = join(config.root, config.build.outDir);
    },
    closeBundle() {
      // A build that failed has none, and its own error to tell.
      if (!existsSync(join(outDir, "assets"))) return;
      for (const entry of readdirSync(join(outDir, "assets"))) {
        if (!compressible.test(entry)) continue;
        const path = join(outDir, "assets", entry);
        const raw = readFileSync(path);
        if (raw.length < minBytes) continue;
        writeFileSync(`${path}.gz`, gzipSync(raw, { level: 9 }));
        const brotli = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        writeFileSync(`${path}.br`, brotliCompressSync(raw, { params: brotli }));
      }
    },
  };
}
