import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import type { Plugin } from "vite";

interface Manifest {
  name?: string;
  version?: string;
  license?: string;
  homepage?: string;
}

/** A package whose code is in the build, with the text of its licence. */
export interface Licence {
  name: string;
  version: string;
  licence: string;
  text: string;
}

/** Writes assets/licences.json: every package that a module of the build comes from. */
export function licences(): Plugin {
  return {
    name: "oriel-licences",
    apply: "build",
    generateBundle(_, bundle) {
      const folders = new Set<string>();
      for (const output of Object.values(bundle)) {
        if (output.type === "chunk") for (const id of output.moduleIds) folders.add(packageOf(id));
      }
      // Fonts come by style sheets, and the map by vite/world.ts: neither is a module of a chunk.
      for (const name of ["@fontsource-variable/inter", "@fontsource-variable/jetbrains-mono", "world-atlas", "i18n-iso-countries"]) folders.add(path.resolve("node_modules", name));
      folders.delete("");
      const found = [...folders].flatMap(read).toSorted((a, b) => a.name.localeCompare(b.name));
      this.emitFile({ type: "asset", fileName: "licences.json", source: JSON.stringify(found) });
    },
  };
}

/** The folder of the package that a module is part of; "" for the page's own. */
function packageOf(id: string): string {
  return /(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? "";
}

function read(folder: string): Licence[] {
  const file = path.join(folder, "package.json");
  if (!existsSync(file)) return [];
  const { name = "", version = "", license = "" } = JSON.parse(readFileSync(file, "utf8")) as Manifest;
  const text = readdirSync(folder).find((one) => /^licen[cs]e(\.|$)/i.test(one));
  return [{ name, version, licence: license, text: text ? readFileSync(path.join(folder, text), "utf8") : "" }];
}
