/** Labels that tell the environment of a stream or a series, the surest first: OpenTelemetry's own name, and that before it. */
export const environmentLabels = ["deployment_environment_name", "deployment_environment"] as const;

/** Attributes of a span's resource that do. */
export const environmentAttributes = ["deployment.environment.name", "deployment.environment"] as const;

/** How a page treats the chosen environment. */
export type Narrowing =
  /** What it shows is of that environment. */
  | "narrows"
  /** It begins with a filter for it where it would begin with everything. */
  | "begins"
  /** It shows all environments, and should say so. */
  | "all"
  /** It is not about what runs anywhere. */
  | "none";

/** How the page at `path` treats an environment. */
export function narrowing(path: string): Narrowing {
  if (path === "/" || /^\/services(\/|$)/.test(path)) return "narrows";
  if (/^\/explore\/(logs|traces|metrics)$/.test(path)) return "begins";
  return /^\/(d|alerts|data)(\/|$)/.test(path) ? "all" : "none";
}
