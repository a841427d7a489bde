import { expect, test } from "vitest";

const sources = import.meta.glob<string>("../**/*.tsx", { query: "?raw", import: "default", eager: true });
const sheets = import.meta.glob<string>("./mantine.ts", { query: "?raw", import: "default", eager: true });
const available = Object.keys(import.meta.glob("/node_modules/@mantine/core/styles/*.css")).map((path) => path.split("/").at(-1)?.replace(".css", ""));

test("every Mantine component in use has its style sheet", () => {
  const used = new Set<string>();
  for (const source of Object.values(sources)) {
    for (const [, names = ""] of source.matchAll(/import \{([^}]*)\} from "@mantine\/core"/g)) {
      for (const name of names.split(",")) used.add(name.trim());
    }
  }
  expect(used).toContain("Button");
  const missing = [...used].filter((name) => available.includes(name) && !sheets["./mantine.ts"]?.includes(`/${name}.css`));
  expect(missing).toEqual([]);
});
