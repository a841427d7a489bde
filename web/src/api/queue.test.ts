import { describe, expect, it } from "vitest";

import { RequestQueue } from "./queue";

/** A request that ends when told to. */
function controlled() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const aborted: string[] = [];
  const run = (name: string) => (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      started.push(name);
      ends.set(name, () => resolve(name));
      signal.addEventListener("abort", () => {
        aborted.push(name);
        reject(new Error("aborted"));
      });
    });
  return { started, ends, aborted, run };
}

const open = (): AbortSignal => new AbortController().signal;

describe("the queue of requests", () => {
  it("sends so many at a time, visible ones first", async () => {
    const { started, ends, run } = controlled();
    const queue = new RequestQueue(2);
    const all = [
      queue.ask("a", run("a"), open(), 2),
      queue.ask("b", run("b"), open(), 2),
      queue.ask("far", run("far"), open(), 2),
      queue.ask("near", run("near"), open(), 1),
      queue.ask("visible", run("visible"), open(), 0),
    ];
    expect(started).toEqual(["a", "b"]);
    expect(queue.size).toEqual({ running: 2, waiting: 3 });
    for (const name of ["a", "b", "visible", "near", "far"]) {
      ends.get(name)?.();
      // The next one is sent when this one's end is known.
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    expect(started).toEqual(["a", "b", "visible", "near", "far"]);
    expect(await Promise.all(all)).toEqual(["a", "b", "far", "near", "visible"]);
    expect(queue.size).toEqual({ running: 0, waiting: 0 });
  });

  it("sends first what has come into sight meanwhile, and puts nothing back that others wait for", async () => {
    const { started, ends, run } = controlled();
    const queue = new RequestQueue(1);
    const all = [queue.ask("first", run("first"), open()), queue.ask("near", run("near"), open(), 1), queue.ask("gone", run("gone"), open(), 1), queue.ask("seen", run("seen"), open(), 1), queue.ask("shared", run("shared"), open(), 1), queue.ask("shared", run("shared"), open(), 1)];
    queue.prefer("seen", 0);
    queue.prefer("gone", 2);
    queue.prefer("shared", 2);
    queue.prefer("nothing", 0);
    for (const name of ["first", "seen", "near", "shared", "gone"]) {
      ends.get(name)?.();
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    expect(started).toEqual(["first", "seen", "near", "shared", "gone"]);
    await Promise.all(all);
  });

  it("sends what several ask for once", async () => {
    const { started, ends, run } = controlled();
    const queue = new RequestQueue(6);
    const both = [queue.ask("same", run("first"), open()), queue.ask("same", run("second"), open())];
    ends.get("first")?.();
    expect(await Promise.all(both)).toEqual(["first", "first"]);
    expect(started).toEqual(["first"]);
  });

  it("aborts a request when nobody waits for it any more, and not before", async () => {
    const { aborted, run } = controlled();
    const queue = new RequestQueue(6);
    const [one, two] = [new AbortController(), new AbortController()];
    const answers = Promise.allSettled([queue.ask("x", run("x"), one.signal), queue.ask("x", run("x"), two.signal)]);
    one.abort();
    expect(aborted).toEqual([]);
    two.abort();
    expect(aborted).toEqual(["x"]);
    expect((await answers).map((answer) => answer.status)).toEqual(["rejected", "rejected"]);
  });

  it("never sends what is given up while it waits", async () => {
    const { started, ends, run } = controlled();
    const queue = new RequestQueue(1);
    const gone = new AbortController();
    const first = queue.ask("a", run("a"), open());
    const second = queue.ask("b", run("b"), gone.signal);
    gone.abort();
    await expect(second).rejects.toThrow();
    ends.get("a")?.();
    await first;
    expect(started).toEqual(["a"]);
  });

  it("goes on after a failure", async () => {
    const queue = new RequestQueue(1);
    const failed = queue.ask("a", () => Promise.reject(new Error("no")), open());
    const next = queue.ask("b", () => Promise.resolve(2), open());
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe(2);
  });
});
