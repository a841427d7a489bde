import { panels, queries } from "../large/dashboard.mjs";
import { fill, visit } from "../large/visit.mjs";
import { serveOthers } from "../server.mjs";
import { at, rounds } from "./kit.mjs";

/** A dashboard of very many panels, opened and scrolled through, on a server that does nothing else. */
export async function largeDashboard({ browser, binary, table }) {
  const server = await serveOthers(binary);
  try {
    const address = await fill(server.base);
    const found = [];
    for (let round = 0; round < rounds; round++) {
      // oxlint-disable-next-line no-await-in-loop
      found.push(await visit(browser, address));
    }
    const all = (member) => found.map((one) => one[member]);
    table.time(`a dashboard of ${panels} panels and ${queries} queries, its first screen`, 2000, all("firstMs"), at(all("firstCPU"), 0.5));
    table.count("its requests under way at once", 6, Math.max(...all("mostInFlight")));
    table.frames("its frames while all of it is scrolled through", [33, 80], found.flatMap((one) => one.lengths), at(all("scrollCPU"), 0.5));
    table.time("its last panels, once the end is reached", 1000, all("bottomMs"));
  } finally {
    await server.stop();
  }
}
