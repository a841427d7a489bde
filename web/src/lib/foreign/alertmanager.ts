import { formatMatchers, parseMatchers, type LabelMatcher } from "../matchers";
import { address } from "./address";

// By which the server tells tenants apart; a template that lists an alert's labels lists it too.
const tenantLabel = "__tenant_id__";

/** Alertmanager's page, whose links are in its fragment: `#/alerts?filter=…`, `#/silences/new?filter=…`, `#/silences/ID`. */
export function fromAlertmanager(fragment: string): string | undefined {
  const [path = "", query = ""] = fragment.replace(/^#/, "").split("?", 2);
  const params = new URLSearchParams(query);
  const asked = params.get("filter") ?? "";
  const matchers = parseMatchers(asked);
  const label = matchers?.find(({ name, isRegex, isEqual }) => name === tenantLabel && !isRegex && isEqual !== false);
  const tenant = params.get("tenant") || label?.value || undefined;
  const filter = matchers ? textOf(matchers.filter((one) => one !== label)) : asked.replace(/^\{|\}$/g, "") || undefined;
  const [, page, rest] = /^\/(alerts|silences|status|settings)(?:\/([^/]+))?(?:\/edit)?\/?$/.exec(path) ?? [];
  switch (page) {
    case "alerts": {
      const receiver = params.get("receiver");
      const told = receiver ? [{ name: "receiver", value: receiver, isRegex: false }] : [];
      return address("/alerts", { filter: told.length > 0 && (matchers || asked === "") ? textOf([...(matchers ?? []).filter((one) => one !== label), ...told]) : filter, tenant });
    }
    case "silences":
      if (rest === "new") return address("/alerts", { tab: "silences", silence: filter ?? "{}", tenant });
      return address("/alerts", { tab: "silences", filter: rest ?? filter, tenant });
    case "status":
    case "settings":
      return address("/alerts", { tab: "routing", tenant });
    default:
      return undefined;
  }
}

function textOf(matchers: readonly LabelMatcher[]): string | undefined {
  return matchers.length === 0 ? undefined : `{${formatMatchers(matchers)}}`;
}
