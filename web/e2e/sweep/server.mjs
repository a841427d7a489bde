import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Starts the binary on free ports over an empty folder. Nothing but what is sent to it is in it: it does not watch itself. */
export async function startOriel(binary, config = {}) {
  const scratch = mkdtempSync(join(tmpdir(), "oriel-dashboards-"));
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const [page, grpc, http] = ports.map((port) => `127.0.0.1:${port}`);
  const file = join(scratch, "oriel.yaml");
  writeFileSync(file, JSON.stringify({ self: { enabled: false }, ...config }));
  const flags = ["--config", file, "--data-dir", join(scratch, "data"), "--listen", page, "--otlp-grpc-listen", grpc, "--otlp-http-listen", http, "--log-level", "warn"];
  return started(resolve(binary), ["serve", ...flags], `http://${page}`, scratch);
}

/** Starts a Prometheus that takes remote write. `configOf` makes its configuration, given its own address; without it nothing is scraped. */
export async function startPrometheus(binary, configOf = () => ({})) {
  const scratch = mkdtempSync(join(tmpdir(), "prometheus-dashboards-"));
  const address = `127.0.0.1:${await freePort()}`;
  const file = join(scratch, "prometheus.yml");
  writeFileSync(file, JSON.stringify(configOf(address)));
  const flags = [`--config.file=${file}`, `--storage.tsdb.path=${join(scratch, "data")}`, `--web.listen-address=${address}`, "--web.enable-remote-write-receiver", "--log.level=warn"];
  return started(resolve(binary), flags, `http://${address}`, scratch);
}

async function started(binary, flags, base, scratch) {
  const child = spawn(binary, flags, { stdio: ["ignore", "inherit", "inherit"] });
  const ended = new Promise((done) => {
    child.once("exit", done);
  });
  const stop = async () => {
    child.kill();
    await ended;
    rmSync(scratch, { recursive: true });
  };
  for (let tries = 0; tries < 150; tries++) {
    // oxlint-disable-next-line no-await-in-loop
    if (await fetch(`${base}/-/ready`).then(({ ok }) => ok, () => false)) return { base, stop };
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((done) => {
      setTimeout(done, 200);
    });
  }
  await stop();
  throw new Error(`${binary} is not ready after 30 s`);
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
