import { boot } from "../../lib/boot";
import type { RawSearch } from "../../lib/urlState";

/** Where signing in with a provider begins; next is the path of the page to come back to. */
export function startOf(provider: string, next: string): string {
  return `${boot.prefix}/oriel/api/v1/auth/oidc/${encodeURIComponent(provider)}/start?${new URLSearchParams({ next }).toString()}`;
}

/** By what the server says, why a provider's word let somebody not in. The words are these alone: anybody can make a link. */
const sentences: Readonly<Record<string, (title: string) => string>> = {
  unknown: () => "There is no such way to sign in here.",
  unavailable: (title) => `${title} does not answer now.`,
  expired: () => "That sign-in was begun in another browser, or took too long.",
  denied: (title) => `${title} did not let you in.`,
  norole: (title) => `${title} knows you, but none of your groups has a role here: ask an administrator for one.`,
  failed: (title) => `Signing in with ${title} did not work: an administrator finds the reason in the audit log.`,
};

export interface Refusal {
  sentence: string;
  /** The name of the provider to try again with. */
  provider?: string;
}

/** What the address of the login page says of a sign-in that ended without one. */
export function refusalOf(search: RawSearch): Refusal | undefined {
  if (typeof search.refused !== "string" || !Object.hasOwn(sentences, search.refused)) return undefined;
  const provider = boot.providers.find((one) => one.name === search.provider);
  const sentence = sentences[search.refused]?.(provider?.title ?? "That provider") ?? "";
  return provider && search.refused !== "unknown" ? { sentence, provider: provider.name } : { sentence };
}
