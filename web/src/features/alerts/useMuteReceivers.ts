import { useQuery } from "@tanstack/react-query";

import { routingInForce } from "../../api/alertdesk";
import { boot } from "../../lib/boot";
import { tenantOf } from "../../lib/tenant";

const none: ReadonlySet<string> = new Set();

/** The kinds of integrations in a receiver's configuration: "webhook", "slack". */
export function integrationsOf(config: string): string[] {
  return [...config.matchAll(/^(\w+)_configs:/gm)].map(([, kind]) => kind ?? "");
}

/** Names of receivers that have nobody to tell; while that is not known, of none. */
export function useMuteReceivers(): ReadonlySet<string> {
  const routing = useQuery({
    queryKey: ["routing", "mute"],
    queryFn: async ({ signal }) => {
      const { receivers } = await routingInForce(signal, true);
      return new Set(receivers.filter(({ config }) => integrationsOf(config).length === 0).map(({ name }) => name));
    },
    // The routing is the operator's, who is asked for nothing in the name of a tenant.
    enabled: !boot.apart || tenantOf(location.search) === "",
    staleTime: 60_000,
    retry: false,
  });
  return routing.data ?? none;
}
