import { useEffect, useState } from "react";

import { labelNames, queryLogs, separateLabels, tailLogs } from "../../api/loki";
import { mergeLines, type LogLine } from "../../lib/logLines";
import { compareNanos, type Nanos } from "../../lib/nanos";
import { msToNano } from "../../lib/timeFormat";

/** Lines a tail keeps. */
export const TAIL_BUFFER = 5000;

const POLL_MS = 2000;
// New lines are shown this often, not one by one.
const FLUSH_MS = 250;
// How far back a tail begins.
const BACKLOG_MS = 60_000;
const DAY_MS = 86_400_000;
// New lines a second that are shown; of more only a sample is, since nobody reads them and the page has to keep up.
const RATE = 500;

/** What a live tail has so far. */
export interface Tail {
  lines: LogLine[];
  /** How lines arrive; "connecting" until the first way works. */
  via: "connecting" | "stream" | "polling";
  /** Lines that the server left out because they came too fast. */
  dropped: number;
  /** One in so many of the newest lines is shown; 1 for all. */
  oneIn: number;
  error?: Error;
}

const EMPTY: Tail = { lines: [], via: "connecting", dropped: 0, oneIn: 1 };

/**
 * Follows a log query: over the server's tail, or by asking every two seconds where there is none. While `paused` lines
 * are gathered but not shown; `waiting` counts them.
 */
export function useLiveTail(query: string, enabled: boolean, paused: boolean): Tail & { waiting: number } {
  const [tail, setTail] = useState<Tail & { key: string }>({ ...EMPTY, key: "" });
  const [shown, setShown] = useState<LogLine[]>([]);

  useEffect(() => {
    if (!enabled) return;
    const gathering = new Gatherer((next) => setTail({ ...next, key: query }));
    const stop = follow(query, gathering);
    return () => {
      stop();
      gathering.stop();
    };
  }, [query, enabled]);

  const current = enabled && tail.key === query ? tail : EMPTY;
  // Adjusted while rendering: what is shown follows what is gathered unless the reader has paused it.
  const held = paused && current.lines.length > 0 ? shown : current.lines;
  if (held !== shown) setShown(held);
  const newest = held[0]?.ts;
  const waiting = paused && held !== current.lines ? current.lines.findIndex((line) => line.ts === newest) : 0;
  return { ...current, lines: held, waiting: waiting < 0 ? current.lines.length : waiting };
}

/** Collects lines and hands them on in batches. */
class Gatherer {
  private state: Tail = EMPTY;
  private fresh: LogLine[][] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private flushed = Date.now();
  // Lines from before are as many as they are; the rate is that of what comes in now.
  private readonly begun = msToNano(Date.now());
  private readonly show: (tail: Tail) => void;

  constructor(show: (tail: Tail) => void) {
    this.show = show;
  }

  add(lines: LogLine[], via: Tail["via"]): void {
    this.fresh.push(lines);
    this.change({ via });
  }

  drop(count: number): void {
    this.change({ dropped: this.state.dropped + count });
  }

  fail(error: Error): void {
    this.change({ error });
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private change(patch: Partial<Tail>): void {
    const { error: _, ...rest } = this.state;
    this.state = { ...rest, ...patch };
    this.timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  private flush(): void {
    this.timer = undefined;
    const now = Date.now();
    const arrived = this.fresh.flat();
    const past = arrived.filter((line) => compareNanos(line.ts, this.begun) < 0);
    const { shown, oneIn } = sample(past.length === 0 ? arrived : arrived.filter((line) => compareNanos(line.ts, this.begun) >= 0), Math.max(now - this.flushed, FLUSH_MS));
    const lines = arrived.length > 0 ? mergeLines(shown, past, this.state.lines).slice(0, TAIL_BUFFER) : this.state.lines;
    this.fresh = [];
    this.flushed = now;
    this.state = { ...this.state, lines, oneIn };
    this.show(this.state);
  }
}

/** Of lines that came within some milliseconds as many as can be followed, evenly spread. */
export function sample<Line>(lines: readonly Line[], ms: number): { shown: Line[]; oneIn: number } {
  const oneIn = Math.max(1, Math.ceil(lines.length / ((RATE * ms) / 1000)));
  return { shown: lines.filter((_, index) => index % oneIn === 0), oneIn };
}

function follow(query: string, into: Gatherer): () => void {
  const now = Date.now();
  const abort = new AbortController();
  let stop = () => abort.abort();
  // Without the names nothing can be told apart, yet the lines are worth showing.
  const known = labelNames({ start: msToNano(now - DAY_MS), end: msToNano(now) }, abort.signal).catch(() => undefined);
  void known.then((names) => {
    if (!abort.signal.aborted) stop = tailOrPoll(query, msToNano(now - BACKLOG_MS), names && new Set(names), into);
  });
  return () => stop();
}

function tailOrPoll(query: string, start: Nanos, streamLabels: ReadonlySet<string> | undefined, into: Gatherer): () => void {
  let stopPolling: (() => void) | undefined;
  const stopTail = tailLogs(query, start, {
    onLines: (lines) => into.add(streamLabels ? lines.map((line) => separateLabels(line, streamLabels)) : lines, "stream"),
    onDropped: (count) => into.drop(count),
    onOpen: () => into.add([], "stream"),
    onEnd: () => {
      stopPolling = poll(query, into);
    },
  });
  return () => {
    stopTail();
    stopPolling?.();
  };
}

function poll(query: string, into: Gatherer): () => void {
  const abort = new AbortController();
  let from = Date.now() - BACKLOG_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const round = async () => {
    const now = Date.now();
    try {
      const range = { query, start: msToNano(from), end: msToNano(now) };
      const answer = await queryLogs(range, { limit: 1000, direction: "backward" }, abort.signal);
      if (answer.kind === "lines") into.add(answer.lines, "polling");
      // Lines arrive a little after their time: the next round looks at the last seconds again.
      from = now - 5 * POLL_MS;
    } catch (error) {
      if (abort.signal.aborted) return;
      into.fail(error instanceof Error ? error : new Error(String(error)));
    }
    timer = setTimeout(() => void round(), POLL_MS);
  };
  void round();
  return () => {
    abort.abort();
    clearTimeout(timer);
  };
}
