import { describe, expect, test } from "vitest";

import { senderName, shippers } from "./snippets";

const plain = { origin: "https://oriel.example/o", token: "", tenant: "" };
const guarded = { ...plain, token: "oriel_abc", tenant: "shop" };
const sending = shippers.filter(({ id }) => id !== "demo" && id !== "scrape" && id !== "syslog");

describe.each(sending)("$title", ({ snippet }) => {
  test("names this server", () => expect(snippet(plain)).toMatch(/https:\/\/oriel\.example\/o|oriel\.example[\s\S]*\/o\//));
  test("asks for no credentials where none are needed", () => expect(snippet(plain)).not.toMatch(/bearer|authorization|orgid|tenant|undefined|^false$/im));
  test("shows the token and names the tenant where they are", () => {
    expect(snippet(guarded)).toContain("oriel_abc");
    expect(snippet(guarded)).toContain("shop");
  });
});

// What the server takes: internal/auth/directory/token.go.
test("the name of a sender's token is one that the server takes", () => expect(senderName(new Date("2026-11-23T00:15:27Z"))).toMatch(/^[A-Za-z0-9][A-Za-z0-9 ._@/+-]{0,99}$/));

test("every shipper has an id of its own", () => expect(new Set(shippers.map(({ id }) => id)).size).toBe(shippers.length));

test("the bodies that curl sends are JSON once the shell has filled them in", () => {
  const text = shippers.find(({ id }) => id === "curl")?.snippet(plain) ?? "";
  const bodies = [...text.matchAll(/-d '(.*)'$/gm)].map(([, body = ""]) => body.replaceAll(/'\$[^']*(?:'[^']*'[^']*)*?'/g, "1"));
  expect(bodies).toHaveLength(3);
  for (const body of bodies) expect(() => JSON.parse(body) as unknown).not.toThrow();
});

test("a container reaches the machine it runs on by its name there", () => {
  const docker = shippers.find(({ id }) => id === "docker");
  expect(docker?.snippet({ ...plain, origin: "http://127.0.0.1:4319" })).toContain("http://host.docker.internal:4319/otlp");
});

test("YAML has no tabs and no trailing blanks", () => {
  for (const { snippet } of shippers) expect(snippet(guarded)).not.toMatch(/\t| $/m);
});

test("who looks at a server on this machine is told that pods reach it otherwise", () => {
  const kubernetes = shippers.find(({ id }) => id === "kubernetes");
  expect(kubernetes?.snippet({ ...plain, origin: "http://127.0.0.1:4319" })).toMatch(/^# Pods reach/);
  expect(kubernetes?.snippet(plain)).toMatch(/^mode:/);
});
