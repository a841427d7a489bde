import { request } from "playwright-core";

import { authenticator } from "./authenticator.mjs";

/** Of everybody there. */
export const password = "a picture of a password";

/** The configuration of a server that asks people who they are, keeps tenants apart, and lets administrators delete. */
export const guarded = { auth: { enabled: true, tenants: true }, web: { admin_api: true } };

/** The same with a provider, to which nobody gets from here. */
export const corporate = { ...guarded, auth: { ...guarded.auth, providers: [{ name: "corp", title: "Corp account", issuer: "http://127.0.0.1:9", client_id: "oriel", client_secret: "x", roles: { ops: "admin" } }] } };

/** Makes ada the administrator of a server by the link that it has printed, and brings what each list of its settings shows. */
export async function populate(link) {
  const { origin, searchParams } = new URL(link);
  const asAda = await visitor(origin);
  const asGrace = await visitor(origin);
  const ask = async (method, path, data, headers = {}, as = asAda) => checked(await as.fetch(path, { method, data, headers }));
  const auth = "/oriel/api/v1/auth";
  await ask("POST", `${auth}/setup`, { setup: searchParams.get("setup"), user: "ada", password });
  await ask("POST", `${auth}/roles`, { name: "shop", scopes: ["query:*", "alerts:read"], tenants: ["bank"], selectors: { logs: '{namespace="shop"}' } });
  await ask("POST", `${auth}/users`, { name: "grace", password, roles: ["viewer", "shop"] });
  await ask("POST", `${auth}/users`, { name: "linus", password, roles: ["editor"] });
  await ask("PATCH", `${auth}/users/linus`, { disabled: true });
  await ask("POST", `${auth}/tokens`, { name: "collector", scopes: ["metrics:write", "logs:write"], tenant: "bank", expires: "90d", networks: ["127.0.0.0/8"] });
  const line = { stream: { app: "till" }, values: [[`${Date.now()}000000`, "opened"]] };
  await ask("POST", "/loki/api/v1/push", { streams: [line] }, { "X-Scope-OrgID": "bank" });
  await ask("POST", `${auth}/login`, { user: "grace", password }, {}, asGrace);
  const { secret } = await (await ask("POST", `${auth}/totp`, { password }, {}, asGrace)).json();
  await ask("POST", `${auth}/totp/confirm`, { code: authenticator(secret)() }, {}, asGrace);
  await Promise.all([asAda.dispose(), asGrace.dispose()]);
}

/** Somebody without a browser, who keeps cookies. */
function visitor(origin) {
  return request.newContext({ baseURL: origin, extraHTTPHeaders: { Origin: origin } });
}

/** Signs a browser in as the administrator whom populate has made. */
export async function signIn(context, base) {
  checked(await context.request.post(`${base}/oriel/api/v1/auth/login`, { data: { user: "ada", password }, headers: { Origin: base } }));
}

function checked(answer) {
  if (!answer.ok()) throw new Error(`${answer.url()}: ${answer.status()} ${answer.statusText()}`);
  return answer;
}
