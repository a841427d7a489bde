import { useQuery } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";

import { visibleTenants } from "../api/tenants";
import { boot } from "../lib/boot";
import { addressOf, tenantName, tenantOf } from "../lib/tenant";

const HeaderSelect = lazy(() => import("./HeaderSelect").then((loaded) => ({ default: loaded.HeaderSelect })));

/** Which tenants the page is about, for those who may ask about several; others are not told that there are any. */
export function TenantSwitch({ leave = (address) => location.assign(address) }: { leave?: (address: string) => void }) {
  // Before a login there is nobody to ask for.
  return boot.apart && boot.user !== "" ? <Switch leave={leave} /> : null;
}

function Switch({ leave }: { leave: (address: string) => void }) {
  const current = useRouterState({ select: (state) => tenantOf(state.location.searchStr) });
  const [first] = useState(current);
  useEffect(() => {
    // A link within the page led to another's: nothing of what is there is theirs.
    if (current !== first) location.reload();
  }, [current, first]);
  const visible = useQuery({ queryKey: ["tenants", "visible"], queryFn: ({ signal }) => visibleTenants(signal), staleTime: Infinity, retry: false });
  const names = visible.data ?? [];
  if (names.length < 2) return null;
  // Without a choice the server takes the default tenant, or the first of those one may ask about.
  const value = current === "" && !names.includes("") ? (names[0] ?? "") : current;
  const choices = [...new Set([...names, names.join("|"), value])];
  return (
    <Suspense fallback={null}>
      <HeaderSelect
        aria-label="Tenant"
        allowDeselect={false}
        data={choices.map((name) => ({ value: `=${name}`, label: tenantName(name, names) }))}
        value={`=${value}`}
        onChange={(next) => leave(addressOf(location.href, next?.slice(1) ?? ""))}
      />
    </Suspense>
  );
}
