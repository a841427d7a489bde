import { isObj, num, type Obj } from "./json";

/** The versions of the classic schema that are understood. */
export const oldestVersion = 14;
export const newestVersion = 42;

/** A dashboard's JSON that can be opened, or a sentence on why it cannot. */
export type ParsedDashboard =
  /** `whole` where nothing was wrapped around the dashboard. */
  { raw: Obj; version: number; notices: string[]; whole: boolean; error?: undefined } | { error: string };

/**
 * Takes a text or a decoded value for a dashboard of the classic schema. What an export or the HTTP API wraps around it
 * is taken off. The object is the one in the JSON, unchanged.
 */
export function parseDashboard(input: unknown): ParsedDashboard {
  const decoded = typeof input === "string" ? decode(input) : { value: input };
  if (decoded.error !== undefined) return { error: decoded.error };
  const outer = decoded.value;
  if (!isObj(outer)) return { error: "A dashboard is a JSON object; this is not one." };
  if (isV2(outer)) {
    return { error: "This dashboard has Grafana's schema v2 (elements and layout). Export it as classic JSON (\"Export for sharing\", model Classic) to open it here." };
  }
  const raw = isObj(outer.dashboard) && !Array.isArray(outer.panels) ? outer.dashboard : outer;
  if (isV2(raw)) return { error: "This dashboard has Grafana's schema v2. Export it as classic JSON to open it here." };
  if (!Array.isArray(raw.panels) && !Array.isArray(raw.rows) && raw.title === undefined) {
    return { error: "This JSON has neither panels nor rows nor a title: it is no dashboard." };
  }
  const version = num(raw.schemaVersion) ?? 0;
  const notices: string[] = [];
  if (version > newestVersion) notices.push(`Made with schema version ${version}; versions up to ${newestVersion} are known, so parts may be missing.`);
  if (version < oldestVersion) notices.push(`Made with schema version ${version}; versions before ${oldestVersion} may lose some settings.`);
  return { raw, version, notices, whole: raw === outer };
}

function decode(text: string): { value: unknown; error?: undefined } | { error: string } {
  try {
    return { value: JSON.parse(text.replace(/^\uFEFF/, "")) };
  } catch (error) {
    return { error: `This is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function isV2(raw: Obj): boolean {
  if (typeof raw.apiVersion === "string" && raw.apiVersion.startsWith("dashboard.grafana.app/v2")) return true;
  return isObj(raw.elements) && isObj(raw.layout);
}
