import { afterEach, expect, test, vi } from "vitest";
import * as z from "zod/mini";

import { ApiError, complaint, fetchJSON, url } from "./client";

const schema = z.object({ n: z.number() });
const answer = (body: string, status = 200) => vi.stubGlobal("fetch", vi.fn(async () => new Response(body, { status })));
const failure = async (): Promise<ApiError> => {
  const error: unknown = await fetchJSON("/api/x", schema).catch((caught: unknown) => caught);
  if (!(error instanceof ApiError)) throw new Error("not an ApiError", { cause: error });
  return error;
};

afterEach(() => vi.unstubAllGlobals());

test("parameters go into the URL, lists repeated, absent ones left out", () => {
  expect(url("/api/x", { a: "1 2", b: ["x", "y"], c: undefined, n: 5 })).toBe("/api/x?a=1+2&b=x&b=y&n=5");
  expect(url("/api/x")).toBe("/api/x");
});

test("an answer is decoded", async () => {
  answer('{"n":5,"more":true}');
  expect(await fetchJSON("/api/x", schema)).toEqual({ n: 5 });
});

test("a long query is posted as a form", async () => {
  answer('{"n":1}');
  await fetchJSON("/api/x", schema, { post: true, params: { query: "up" } });
  const [target, init] = vi.mocked(fetch).mock.calls[0] ?? [];
  expect(target).toBe("/api/x");
  expect(init?.method).toBe("POST");
  expect(String(init?.body)).toBe("query=up");
});

test.each([
  [400, '{"status":"error","error":"1:5: parse error"}', "1:5: parse error"],
  [500, '{"code":13,"message":"boom"}', "boom"],
  [404, '{"errors":[{"code":404,"msg":"trace not found"}]}', "trace not found"],
  [400, "parse error at line 1\nmore", "parse error at line 1"],
  [502, "<html><body>Bad Gateway</body></html>", "/api/x answered with status 502 and no explanation."],
  [503, "", "/api/x answered with status 503 and no explanation."],
  [500, "{broken", "{broken"],
  [500, "{}", "/api/x answered with status 500 and no explanation."],
])("a %d with %j is the sentence %j", async (status, body, message) => {
  answer(body, status);
  const error = await failure();
  expect(error.message).toBe(message);
  expect(error.status).toBe(status);
});

test("an endless line is cut", () => expect(complaint(500, "x".repeat(5000), "/p")).toHaveLength(501));

test("an answer that is not JSON, or of another shape, says where", async () => {
  answer("<html>");
  expect((await failure()).message).toBe("/api/x answered with something that is not JSON: <html>");
  answer('{"n":"five"}');
  expect((await failure()).message).toMatch(/^\/api\/x answered in an unknown shape at "n": /);
});

test("a server that cannot be reached has status 0 and a sentence", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  const error = await failure();
  expect(error.status).toBe(0);
  expect(error.message).toMatch(/cannot be reached/);
});

test("an aborted call stays an abort", async () => {
  const controller = new AbortController();
  vi.stubGlobal("fetch", async () => {
    controller.abort();
    throw new DOMException("aborted", "AbortError");
  });
  await expect(fetchJSON("/api/x", schema, { signal: controller.signal })).rejects.toMatchObject({ name: "AbortError" });
});
