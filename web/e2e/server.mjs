import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/**
 * Starts `binary verb` on free ports with a data folder of its own, and waits until it is ready: `{base, said, stop}`, where
 * `said()` is what it has printed. `config` is its configuration, `args` are further arguments.
 */
export async function serve(binary, verb, config = {}, args = []) {
  const scratch = mkdtempSync(join(tmpdir(), "oriel-page-"));
  const [page, grpc, http] = (await Promise.all([freePort(), freePort(), freePort()])).map((port) => `127.0.0.1:${port}`);
  const file = written(scratch, "oriel.yaml", config);
  return started(binary, [verb, "--config", file, "--data-dir", join(scratch, "data"), "--listen", page, "--otlp-grpc-listen", grpc, "--otlp-http-listen", http, ...args], page, scratch);
}

/** Starts Oriel with nothing in it but what is sent to it: it does not watch itself. */
export const serveOthers = (binary, config = {}) => serve(binary, "serve", { self: { enabled: false }, ...config });

/** Starts a Prometheus that takes remote write. `configOf` makes its configuration, given its own address; without it nothing is scraped. */
export async function servePrometheus(binary, configOf = () => ({})) {
  const scratch = mkdtempSync(join(tmpdir(), "prometheus-page-"));
  const address = `127.0.0.1:${await freePort()}`;
  const file = written(scratch, "prometheus.yml", configOf(address));
  return started(binary, [`--config.file=${file}`, `--storage.tsdb.path=${join(scratch, "data")}`, `--web.listen-address=${address}`, "--web.enable-remote-write-receiver"], address, scratch);
}

function written(folder, name, config) {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML too
  return file;
}

async function started(binary, args, address, scratch) {
  const child = spawn(resolve(binary), args);
  // It does not outlive who has started it.
  process.once("exit", () => child.kill());
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  const ended = new Promise((done) => {
    child.once("exit", done);
  });
  const stop = async () => {
    child.kill();
    await ended;
    rmSync(scratch, { recursive: true });
  };
  const base = `http://${address}`;
  const up = () => fetch(`${base}/-/ready`).then(({ ok }) => ok, () => false);
  if (!(await until(up, 30_000))) {
    await stop();
    throw new Error(`${binary} is not ready: ${said}`);
  }
  return { base, said: () => said, stop };
}

/** Asks until the answer is not false, undefined or null, and returns it; undefined after `ms` milliseconds. */
export async function until(ask, ms) {
  const end = Date.now() + ms;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) return undefined;
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((done) => {
      setTimeout(done, 200);
    });
  }
}

/** A port of this machine that nobody listens on. */
export function freePort() {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}
