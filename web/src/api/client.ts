import * as z from "zod/mini";

import { passing } from "../lib/backoff";
import { boot } from "../lib/boot";
import { tenantHeaders } from "../lib/tenant";
import { takeEarly } from "./early";
import { noteRefusal } from "./session";

/** A failed call: `message` is a sentence for a person. */
export class ApiError extends Error {
  /** HTTP status; 0 when no answer came at all. */
  readonly status: number;
  /** Seconds after which the server wants to be asked again; 0 where it does not say. */
  readonly retryAfter: number;
  /** No answer to what was asked: none at all, a gateway's that there is nothing behind it, or Oriel's that it is still starting. */
  readonly away: boolean;

  constructor(message: string, status: number, { retryAfter = 0, away = status === 0 }: { retryAfter?: number; away?: boolean } = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.retryAfter = retryAfter;
    this.away = away;
  }
}

/** Whether the same question may have an answer in a moment. One whose time was over would be over time once more. */
export function worthAnother(error: unknown): error is ApiError {
  return error instanceof ApiError && passing(error.status) && !/timed out|timeout|time limit/i.test(error.message);
}

export type Params = Record<string, string | number | readonly string[] | undefined>;

export interface Call {
  params?: Params;
  signal?: AbortSignal;
  /** Sends `params` as a form in the body, for queries too long for a URL. */
  post?: boolean;
  /** Request headers beside Accept. */
  headers?: Record<string, string>;
  /** Gets the headers of the answer. */
  onHeaders?: (headers: Headers) => void;
  /** Nobody asked for it: that it is refused is not told to whoever is there. */
  quiet?: boolean;
}

/** The URL of `path` (which starts with "/") under Oriel's prefix, with `params` as its query. */
export function url(path: string, params: Params = {}): string {
  const query = encode(params).toString();
  return `${boot.prefix}${path}${query === "" ? "" : `?${query}`}`;
}

/** Fetches JSON and decodes it by `schema`. Every failure but an abort is an ApiError. */
export async function fetchJSON<T>(path: string, schema: z.ZodMiniType<T, unknown>, call: Call = {}): Promise<T> {
  const response = await send(path, call);
  const body = await response.text();
  if (!response.ok) {
    const message = complaint(response.status, body, path);
    // Everything but what the page asks by itself is for the shell to deal with: it lets one sign in.
    if (!call.quiet && !/^\/oriel\/api\/v1\/(auth|onboarding)\//.test(path)) noteRefusal(response.status, message);
    throw failed(response, body, message);
  }
  call.onHeaders?.(response.headers);
  let raw: unknown;
  try {
    raw = JSON.parse(body);
  } catch {
    throw new ApiError(`${path} answered with something that is not JSON: ${firstLine(body)}`, response.status);
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join(".") ?? "";
    throw new ApiError(`${path} answered in an unknown shape at "${where}": ${issue?.message ?? ""}`, response.status);
  }
  return parsed.data;
}

async function send(path: string, call: Call): Promise<Response> {
  const init: RequestInit = { headers: { Accept: "application/json", ...tenantHeaders(), ...call.headers }, signal: call.signal ?? null };
  try {
    if (!call.post) {
      const address = url(path, call.params);
      return await (takeEarly(address) ?? fetch(address, init));
    }
    return await fetch(url(path), { ...init, method: "POST", body: encode(call.params ?? {}) });
  } catch (error) {
    if (call.signal?.aborted) throw error;
    throw new ApiError("The server cannot be reached. Is Oriel running, and the network up?", 0);
  }
}

function encode(params: Params): URLSearchParams {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined) continue;
    if (typeof value === "object") for (const one of value) out.append(key, one);
    else out.append(key, String(value));
  }
  return out;
}

/** What a change sends: JSON, or text of a type of its own, or nothing. */
export type Sent = { json: unknown } | { text: string; type: string } | undefined;

/** Asks for a change and decodes the answer by `schema`; an answer without content decodes as null. */
export async function change<T>(method: "POST" | "PUT" | "DELETE", path: string, sent: Sent, schema: z.ZodMiniType<T, unknown>, params: Params = {}): Promise<T> {
  const type = sent === undefined ? undefined : "json" in sent ? "application/json" : sent.type;
  const body = sent === undefined ? null : "json" in sent ? JSON.stringify(sent.json) : sent.text;
  let response: Response;
  try {
    response = await fetch(url(path, params), { method, body, headers: { Accept: "application/json", ...tenantHeaders(), ...(type ? { "Content-Type": type } : {}) } });
  } catch {
    throw new ApiError("The server cannot be reached. Is Oriel running, and the network up?", 0);
  }
  const text = await response.text();
  if (!response.ok) throw failed(response, text, complaint(response.status, text, path));
  const raw: unknown = text.trim().startsWith("{") || text.trim().startsWith("[") ? JSON.parse(text) : null;
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw new ApiError(`${path} answered in an unknown shape: ${parsed.error.issues[0]?.message ?? ""}`, response.status);
  return parsed.data;
}

/** Fetches lines of JSON and hands each to `onLine` as it comes, decoded by `schema`. */
export async function fetchLines<T>(path: string, schema: z.ZodMiniType<T, unknown>, call: Call, onLine: (line: T) => void): Promise<void> {
  const response = await send(path, call);
  if (!response.ok || !response.body) {
    const body = await response.text();
    const message = complaint(response.status, body, path);
    noteRefusal(response.status, message);
    throw failed(response, body, message);
  }
  const take = (line: string): void => {
    if (line.trim() === "") return;
    const parsed = schema.safeParse(JSON.parse(line));
    if (!parsed.success) throw new ApiError(`${path} answered in an unknown shape: ${parsed.error.issues[0]?.message ?? ""}`, response.status);
    onLine(parsed.data);
  };
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    const lines = (rest + chunk.value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
  take(rest);
}

/** Fetches text as it is. */
export async function fetchText(path: string, signal: AbortSignal): Promise<string> {
  const response = await send(path, { signal });
  const body = await response.text();
  if (!response.ok) throw failed(response, body, complaint(response.status, body, path));
  return body;
}

/** What an answer has while the server starts. */
export const startingHeader = "Oriel-Starting";

function failed({ status, headers }: Response, body: string, message: string): ApiError {
  const retryAfter = Number(headers.get("Retry-After") ?? 0);
  // Oriel says in a sentence why it cannot; a page, or nothing, is what stands before it.
  const away = headers.has(startingHeader) || ([502, 503, 504].includes(status) && /^\s*(?:<|$)/.test(body));
  return new ApiError(message, status, { retryAfter: Number.isFinite(retryAfter) ? retryAfter : 0, away });
}

/** The sentence in an error's body: `error` (Prometheus), `message` (gRPC gateway), `errors[0].msg` (Jaeger), or plain text. */
export function complaint(status: number, body: string, path: string): string {
  const said = sentence(body);
  if (said !== "") return said;
  return `${path} answered with status ${status} and no explanation.`;
}

function sentence(body: string): string {
  const trimmed = body.trim();
  // Alertmanager's refusals are JSON strings.
  if (/^"(?:[^"\\]|\\.)*"$/.test(trimmed)) return JSON.parse(trimmed) as string;
  if (!trimmed.startsWith("{")) return trimmed.startsWith("<") ? "" : firstLine(trimmed);
  try {
    const raw = JSON.parse(trimmed) as Record<string, unknown>;
    if (typeof raw.error === "string") return raw.error;
    if (typeof raw.message === "string") return raw.message;
    const first: unknown = Array.isArray(raw.errors) ? raw.errors[0] : undefined;
    if (typeof first === "object" && first !== null && "msg" in first && typeof first.msg === "string") return first.msg;
  } catch {
    return firstLine(trimmed);
  }
  return "";
}

function firstLine(body: string): string {
  const line = body.trim().split("\n", 1)[0] ?? "";
  return line.length > 500 ? `${line.slice(0, 500)}…` : line;
}

/** As fetch, about the tenants of the page; for libraries that make their own requests. */
export function fetchAs(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  return fetch(input, { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), ...tenantHeaders() } });
}

/** The base URL of this server, for libraries that make their own requests. */
export function baseURL(): string {
  return `${location.origin}${boot.prefix}`;
}
