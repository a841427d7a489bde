// What the roles that are always there may do (internal/auth/role.go), the least first; an administrator may do everything.
const viewer = ["query:metrics", "query:logs", "query:traces", "alerts:read", "dashboards:read"];
const roles = [
  ["viewer", viewer],
  ["editor", [...viewer, "alerts:write", "dashboards:write"]],
] as const;

/** The least of the built-in roles that may do what the server has refused with these words; "" where they do not say what that takes. */
export function neededRole(refusal: string): string {
  const takes = /\bwhich takes (.+?)\s*$/.exec(refusal)?.[1] ?? "";
  if (takes === "") return "";
  if (takes === "any role") return "viewer";
  const scopes = takes.match(/[a-z]+:[a-z]+/g) ?? [];
  return roles.find(([, has]) => scopes.some((one) => has.includes(one)))?.[0] ?? "admin";
}
