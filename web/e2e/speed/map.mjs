import { at, fromAnswer, repeated } from "./kit.mjs";

const calls = { calls: 100, errors: 1, rate: 1, errorRatio: 0.01, p50: 0.01, p95: 0.02, p99: 0.03, apdex: 1, mean: 0.01 };

/** A map of very many services, put in at the answer. */
export async function map({ browser, base, table }) {
  const nodes = Array.from({ length: 200 }, (_, i) => ({ name: `service-${i}`, type: "service" }));
  const edges = nodes.slice(1).map((node, i) => ({ ...calls, client: `service-${Math.floor(i / 3)}`, server: node.name, type: "service" }));
  const drawn = [];
  await repeated(browser, async (page, session) => {
    drawn.push(
      await fromAnswer(page, session, {
        address: `${base}/services/map?from=now-1h&to=now`,
        pattern: (url) => url.pathname.endsWith("/oriel/api/v1/services/map"),
        fulfil: (route) => route.fulfill({ json: { nodes, edges } }),
        see: () => document.querySelector('[role=group][aria-label^="Map of"]'),
      }),
    );
  });
  table.time("a map of 200 services, from the answer to the picture", 600, drawn.map(({ clock }) => clock), at(drawn.map(({ busy }) => busy), 0.5));
}
