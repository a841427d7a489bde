import { isObj, str, type Obj } from "../../../lib/dashboard/json";

/** The panel in a text that was copied, here or in Grafana; a sentence where there is none. */
export function pastedPanel(text: string): Obj | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "What was copied is no panel: it is not JSON.";
  }
  if (!isObj(value)) return "What was copied is no panel.";
  if (Array.isArray(value.panels) && value.type === undefined) return "What was copied is a whole dashboard. The page Import takes it in.";
  return str(value.type) === "" ? "What was copied is no panel: it has no type." : value;
}
