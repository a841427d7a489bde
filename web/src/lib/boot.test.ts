import { describe, expect, it } from "vitest";

import { readBoot } from "./boot";

const doc = (text: string | null) => ({ getElementById: () => (text === null ? null : { textContent: text }) });

describe("boot data", () => {
  it("is read from the page", () => {
    expect(readBoot(doc('{"prefix":"/o/","version":"1","nonce":"n","server":{"exposed":["0.0.0.0:4319"],"reach":{"logs":5}}}'))).toEqual({
      prefix: "/o",
      version: "1",
      nonce: "n",
      exposed: ["0.0.0.0:4319"],
      reach: { logs: 5 },
      auth: false,
      apart: false,
      user: "",
      roles: [],
      providers: [],
    });
  });
  it("says who is signed in, and how others can", () => {
    expect(readBoot(doc('{"server":{"auth":{"enabled":true,"user":"ada","roles":["viewer"],"providers":[{"name":"corp"},{"name":"gh","title":"GitHub"}]}}}'))).toMatchObject({
      auth: true,
      user: "ada",
      roles: ["viewer"],
      providers: [
        { name: "corp", title: "corp" },
        { name: "gh", title: "GitHub" },
      ],
    });
  });
  it.each([[null], [""], ["[]"], ["null"], ['{"prefix":5}'], ['{"server":{"exposed":null}}']])("falls back where the page has none: %j", (text) => {
    expect(readBoot(doc(text))).toEqual({ prefix: "", version: "dev", nonce: "", exposed: [], reach: {}, auth: false, apart: false, user: "", roles: [], providers: [] });
  });
});
