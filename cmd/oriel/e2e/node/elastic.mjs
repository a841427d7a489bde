// A program that ships documents with Elasticsearch's own client and its bulk
// helper; NODE is the server's address.
import { Client } from "@elastic/elasticsearch";

const client = new Client({ node: process.env.NODE, compression: true });
await client.info();
const documents = Array.from({ length: 1000 }, (_, i) => {
  const id = String(i).padStart(4, "0");
  const customer = String(i * 7).padStart(4, "0");
  return {
    "@timestamp": new Date().toISOString(),
    message: `order ${id} of customer c${customer}x was paid`,
    service: { name: process.env.SERVICE },
    log: { level: "info" },
    order: { id: i },
  };
});
const outcome = await client.helpers.bulk({
  datasource: documents,
  flushBytes: 20_000,
  onDocument: () => ({ create: { _index: "e2e" } }),
  onDrop(document) {
    throw new Error(JSON.stringify(document));
  },
  refreshOnCompletion: true,
});
if (outcome.successful !== documents.length) {
  throw new Error(JSON.stringify(outcome));
}
