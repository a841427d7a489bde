import { boot } from "./boot";

const header = "X-Scope-OrgID";

/** The tenants that the page at `search` is about, with bars between several; "" leaves that to the server. */
export function tenantOf(search: string): string {
  return new URLSearchParams(search).get("tenant") ?? "";
}

/** What tells the server which tenants this page is about, as a header. */
export function tenantHeaders(): Record<string, string> {
  const name = boot.apart ? tenantOf(location.search) : "";
  return name === "" ? {} : { [header]: name };
}

/** The same as parameters of an address, for what a browser sends without headers: WebSockets and downloads. */
export const tenantParams = tenantHeaders;

/** The address of the page about another tenant. What is open of the one before is not in the other. */
export function addressOf(href: string, tenant: string): string {
  const link = new URL(href);
  link.searchParams.delete("tenant");
  if (tenant !== "") link.searchParams.set("tenant", tenant);
  return link.toString();
}

/** What a choice of tenants is called. */
export function tenantName(tenant: string, visible: readonly string[]): string {
  if (tenant === "") return "Default tenant";
  const parts = tenant.split("|");
  if (parts.length === 1) return tenant;
  return parts.length === visible.length ? "All tenants" : parts.map((part) => tenantName(part, visible)).join(" + ");
}
