import { address } from "./address";

/** Alertmanager's page, whose links are in its fragment: `#/alerts?filter=…`, `#/silences/new?filter=…`, `#/silences/ID`. */
export function fromAlertmanager(fragment: string): string | undefined {
  const [path = "", query = ""] = fragment.replace(/^#/, "").split("?", 2);
  const params = new URLSearchParams(query);
  const filter = params.get("filter") ?? "";
  const [, page, rest] = /^\/(alerts|silences|status|settings)(?:\/([^/]+))?(?:\/edit)?\/?$/.exec(path) ?? [];
  switch (page) {
    case "alerts":
      return address("/alerts", { filter: wordOf(filter) });
    case "silences":
      return address("/alerts", { tab: "silences", filter: rest && rest !== "new" ? rest : wordOf(filter) });
    case "status":
    case "settings":
      return address("/alerts", { tab: "routing" });
    default:
      return undefined;
  }
}

/** Of matchers such as `{alertname="Down", job=~"a.*"}`, what the page's own filter finds them by: the alert's name first. */
function wordOf(matchers: string): string | undefined {
  const found = [...matchers.matchAll(/([\w.]+)\s*(=~?|!=|!~)\s*"((?:[^"\\]|\\.)*)"/g)];
  const equal = found.filter(([, , operator]) => operator === "=");
  const best = equal.find(([, name]) => name === "alertname") ?? equal[0];
  if (best) return `${best[1]}=${unescaped(best[3] ?? "")}`;
  return found.length === 0 && matchers !== "" ? matchers.replace(/^\{|\}$/g, "") : undefined;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}
