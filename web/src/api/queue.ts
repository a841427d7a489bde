/** The answers that are wanted first: what is in sight, what is near, what nobody looks at. */
export type Priority = 0 | 1 | 2;

/** One request; several callers may wait for it. */
interface Job {
  key: string;
  priority: Priority;
  /** Counts up; of one priority the first asked is the first sent. */
  order: number;
  waiting: number;
  abort: AbortController;
  run: (signal: AbortSignal) => Promise<unknown>;
  promise: Promise<unknown>;
  settle: { resolve: (value: unknown) => void; reject: (reason: unknown) => void };
  started: boolean;
}

/**
 * Sends at most `limit` requests at a time, visible ones first. Callers with the same key share one request; it is aborted
 * when none of them waits any more.
 */
export class RequestQueue {
  readonly #limit: number;
  readonly #jobs = new Map<string, Job>();
  #running = 0;
  #order = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many requests are under way and how many wait. */
  get size(): { running: number; waiting: number } {
    return { running: this.#running, waiting: [...this.#jobs.values()].filter((job) => !job.started).length };
  }

  /** The answer of `run`, which is sent when its turn comes. `signal` ends the waiting. */
  ask<T>(key: string, run: (signal: AbortSignal) => Promise<T>, signal: AbortSignal, priority: Priority = 0): Promise<T> {
    if (signal.aborted) return Promise.reject(reasonOf(signal));
    const job = this.#jobs.get(key) ?? this.#add(key, run, priority);
    job.waiting++;
    if (priority < job.priority) job.priority = priority;
    this.#next();
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        if (--job.waiting === 0) this.#drop(job, reasonOf(signal));
        reject(reasonOf(signal));
      };
      signal.addEventListener("abort", leave, { once: true });
      const done = (): void => signal.removeEventListener("abort", leave);
      job.promise.then(
        (value) => {
          done();
          resolve(value as T);
        },
        (error: unknown) => {
          done();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  /** Says anew how much an answer is wanted. One that others wait for too is never put back. */
  prefer(key: string, priority: Priority): void {
    const job = this.#jobs.get(key);
    if (job && (job.waiting === 1 || priority < job.priority)) job.priority = priority;
  }

  #add(key: string, run: (signal: AbortSignal) => Promise<unknown>, priority: Priority): Job {
    const settle: Job["settle"] = { resolve: () => {}, reject: () => {} };
    const promise = new Promise<unknown>((resolve, reject) => {
      settle.resolve = resolve;
      settle.reject = reject;
    });
    // Whoever waits handles its failure; a request nobody waits for has no one to tell.
    promise.catch(() => {});
    const job: Job = { key, priority, order: this.#order++, waiting: 0, abort: new AbortController(), run, promise, settle, started: false };
    this.#jobs.set(key, job);
    return job;
  }

  #drop(job: Job, reason: unknown): void {
    if (this.#jobs.get(job.key) === job) this.#jobs.delete(job.key);
    job.abort.abort(reason);
    job.settle.reject(reason);
  }

  #next(): void {
    while (this.#running < this.#limit) {
      let best: Job | undefined;
      for (const job of this.#jobs.values()) {
        if (job.started) continue;
        if (!best || job.priority < best.priority || (job.priority === best.priority && job.order < best.order)) best = job;
      }
      if (!best) return;
      this.#start(best);
    }
  }

  #start(job: Job): void {
    job.started = true;
    this.#running++;
    const end = (): void => {
      this.#running--;
      if (this.#jobs.get(job.key) === job) this.#jobs.delete(job.key);
      this.#next();
    };
    job.run(job.abort.signal).then(
      (value) => {
        job.settle.resolve(value);
        end();
      },
      (error: unknown) => {
        job.settle.reject(error);
        end();
      },
    );
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException("The request is no longer wanted.", "AbortError");
}

/** The page's one queue: browsers open six connections to a server. */
export const requests = new RequestQueue(6);
