import * as z from "zod/mini";

/** What the server knows when it hands out the page: the JSON of `<script id="boot">`. */
export interface Boot {
  /** Path prefix Oriel is served under, without a trailing slash; "" at the root. */
  prefix: string;
  version: string;
  /** CSP nonce for the style elements that Mantine and CodeMirror make. */
  nonce: string;
  /** Addresses that others than this machine reach without showing who they are. */
  exposed: string[];
  /** The age in milliseconds at which nothing of a signal is left, of those that have one: metrics, logs, spans. */
  reach: Readonly<Record<string, number>>;
  /** True where the server wants to know who asks. */
  auth: boolean;
  /** True where the data of tenants is kept apart. */
  apart: boolean;
  /** Who is signed in; "" is nobody, or nobody in particular. */
  user: string;
  /** What whoever asked may do here; nobody has roles who has to sign in first. */
  roles: string[];
  /** Other ways to sign in, by the name in their address. */
  providers: { name: string; title: string }[];
}

const provider = z.object({ name: z.string(), title: z.optional(z.string()) });
const noAuth = { enabled: false, apart: false, user: "", roles: [], providers: [] };
const authMode = z.object({
  enabled: z.catch(z.boolean(), false),
  apart: z.catch(z.boolean(), false),
  user: z.catch(z.string(), ""),
  roles: z.catch(z.array(z.string()), []),
  providers: z.catch(z.array(provider), []),
});

const schema = z.object({
  prefix: z.catch(z.string(), ""),
  version: z.catch(z.string(), "dev"),
  nonce: z.catch(z.string(), ""),
  server: z.catch(
    z.object({ exposed: z.catch(z.array(z.string()), []), reach: z.catch(z.record(z.string(), z.number()), {}), auth: z.catch(authMode, noAuth) }),
    { exposed: [], reach: {}, auth: noAuth },
  ),
});

/** Reads the boot JSON. The development server writes none; then the defaults hold. */
export function readBoot(doc: { getElementById(id: string): { textContent: string | null } | null }): Boot {
  const text = doc.getElementById("boot")?.textContent;
  const parsed = schema.safeParse(text ? JSON.parse(text) : {});
  const { prefix, version, nonce, server } = parsed.success ? parsed.data : schema.parse({});
  return {
    prefix: prefix.replace(/\/+$/, ""),
    version,
    nonce,
    exposed: server.exposed,
    reach: server.reach,
    auth: server.auth.enabled,
    apart: server.auth.apart,
    user: server.auth.user,
    roles: server.auth.roles,
    providers: server.auth.providers.map(({ name, title }) => ({ name, title: title ?? name })),
  };
}

/** The boot data of this page. */
export const boot: Boot = readBoot(typeof document === "undefined" ? { getElementById: () => null } : document);
