import type { Extension } from "@codemirror/state";
import { PromQLExtension } from "@prometheus-io/codemirror-promql";

import type { Completions } from "./language";

/** PromQL as Prometheus' own page edits it. */
export function promql({ prometheus }: Completions): Extension {
  const extension = new PromQLExtension();
  if (prometheus) extension.setComplete({ remote: { url: prometheus.url, fetchFn: prometheus.fetch, httpMethod: "GET" } });
  return extension.asExtension();
}
