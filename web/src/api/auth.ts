import * as z from "zod/mini";

import { boot } from "../lib/boot";
import { tenantHeaders } from "../lib/tenant";
import { complaint, fetchJSON, ApiError, url } from "./client";

const base = "/oriel/api/v1/auth";

const strings = z.catch(z.nullable(z.array(z.string())), null);

const me = z.object({
  name: z.catch(z.string(), ""),
  kind: z.catch(z.string(), ""),
  roles: strings,
  scopes: strings,
  tenants: strings,
  local: z.catch(z.boolean(), false),
  totp: z.catch(z.boolean(), false),
  recovery_codes: z.catch(z.number(), 0),
});

/** Who asks, as the server sees it. */
export interface Me {
  /** "" is nobody. */
  name: string;
  kind: string;
  roles: string[];
  scopes: string[];
  tenants: string[];
  /** Has a password here. */
  local: boolean;
  /** Has a second factor, and so many recovery codes left for it. */
  totp: boolean;
  recoveryCodes: number;
}

export async function whoAmI(signal?: AbortSignal): Promise<Me> {
  const { name, kind, roles, scopes, tenants, local, totp, recovery_codes: recoveryCodes } = await fetchJSON(`${base}/me`, me, signal ? { signal } : {});
  boot.user = name;
  return { name, kind, roles: roles ?? [], scopes: scopes ?? [], tenants: tenants ?? [], local, totp, recoveryCodes };
}

/** What somebody shows to sign in; `code` is of an authenticator, where the account has one. */
export interface Credentials {
  user: string;
  password: string;
  code?: string;
}

/** Signs in. An ApiError of status 401 says what was wrong. */
export async function signIn(credentials: Credentials): Promise<void> {
  await change("POST", "/login", credentials);
}

export async function signOut(): Promise<void> {
  await change("POST", "/logout");
}

/** Makes the first administrator with the secret of the set-up link, and signs them in. */
export async function setUp(secret: string, user: string, password: string): Promise<void> {
  await change("POST", "/setup", { setup: secret, user, password });
}

export async function changePassword(old: string, next: string): Promise<void> {
  await change("POST", "/password", { old, new: next });
}

/** A second factor that waits for a code: its secret to type, and as a URI for a picture. */
export interface OfferedFactor {
  secret: string;
  uri: string;
}

/** Makes a second factor for whoever asks; it counts once a code of it was confirmed. */
export async function offerFactor(password: string): Promise<OfferedFactor> {
  return z.object({ secret: z.string(), uri: z.string() }).parse(await change("POST", "/totp", { password }));
}

/** Puts the offered second factor in force. Answers recovery codes, which are shown this once. */
export async function confirmFactor(code: string): Promise<string[]> {
  return z.object({ recovery_codes: z.array(z.string()) }).parse(await change("POST", "/totp/confirm", { code })).recovery_codes;
}

/** Takes one's own second factor away. Other sessions end. */
export async function disableFactor(password: string): Promise<void> {
  await change("POST", "/totp/disable", { password });
}

/** Takes away the second factor of a user who has lost it. */
export async function resetFactor(name: string): Promise<void> {
  await change("DELETE", `/users/${encodeURIComponent(name)}/totp`);
}

const user = z.object({ name: z.string(), roles: z.nullable(z.array(z.string())), totp: z.boolean(), disabled: z.boolean(), created: z.string(), last_login: z.nullable(z.string()) });
const role = z.object({
  name: z.string(),
  scopes: z.nullable(z.array(z.string())),
  /** Null is all of them. */
  tenants: z.nullable(z.array(z.string())),
  selectors: z.nullable(z.record(z.string(), z.string())),
  built_in: z.boolean(),
});
const token = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.nullable(z.array(z.string())),
  tenant: z.string(),
  networks: z.nullable(z.array(z.string())),
  created: z.string(),
  expires: z.nullable(z.string()),
  last_used: z.nullable(z.string()),
  creator: z.string(),
  token: z.optional(z.string()),
});
const session = z.object({ id: z.string(), user: z.string(), created: z.string(), seen: z.string(), address: z.string(), agent: z.string(), source: z.string(), current: z.boolean() });

/** Somebody who has a password here. Times are RFC 3339, null is never. */
export type User = z.infer<typeof user>;
/** What people may do and see. */
export type Role = z.infer<typeof role>;
/** A token of a program; `token`, the secret itself, is only in the answer that makes it. */
export type Token = z.infer<typeof token>;
/** A browser in which somebody is signed in. */
export type Session = z.infer<typeof session>;

function list<T>(name: string, schema: z.ZodMiniType<T, unknown>, signal: AbortSignal): Promise<T[]> {
  return fetchJSON(`${base}/${name}`, z.array(schema), { signal });
}

export const listUsers = (signal: AbortSignal): Promise<User[]> => list("users", user, signal);
export const listRoles = (signal: AbortSignal): Promise<Role[]> => list("roles", role, signal);
export const listTokens = (signal: AbortSignal): Promise<Token[]> => list("tokens", token, signal);

/** One's own sessions, or everybody's, which only administrators see. */
export function listSessions(all: boolean, signal: AbortSignal): Promise<Session[]> {
  return fetchJSON(`${base}/sessions`, z.array(session), { signal, params: { all: all ? "true" : undefined } });
}

export async function addUser(made: { name: string; password: string; roles: string[] }): Promise<void> {
  await change("POST", "/users", made);
}

export async function changeUser(name: string, patch: { password?: string; roles?: string[]; disabled?: boolean }): Promise<void> {
  await change("PATCH", `/users/${encodeURIComponent(name)}`, patch);
}

export async function saveRole(made: { name: string; scopes: string[]; tenants: string[] | null; selectors: Record<string, string> }): Promise<void> {
  await change("POST", "/roles", made);
}

/** What a token is made with; `expires` is a duration such as "90d", "" for never. */
export interface TokenRequest {
  name: string;
  scopes: string[];
  tenant?: string;
  expires?: string;
}

/** Makes a token. The answer is the one place that has its secret. */
export async function addToken(made: TokenRequest): Promise<Token> {
  return token.parse(await change("POST", "/tokens", made));
}

/** Takes away a user, a role, a token or a session. */
export async function remove(what: "users" | "roles" | "tokens" | "sessions", id: string): Promise<void> {
  await change("DELETE", `/${what}/${encodeURIComponent(id)}`);
}

async function change(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  let response: Response;
  try {
    response = await fetch(url(base + path), {
      method,
      headers: { Accept: "application/json", ...tenantHeaders(), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError("The server cannot be reached. Is Oriel running, and the network up?", 0);
  }
  const text = await response.text();
  if (!response.ok) throw new ApiError(complaint(response.status, text, path), response.status);
  try {
    const answer: unknown = text.trim() === "" ? {} : JSON.parse(text);
    return typeof answer === "object" && answer !== null ? (answer as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
