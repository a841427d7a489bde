import { Select } from "@mantine/core";
import { useMemo } from "react";

import { resolveZone } from "../../lib/zone";

/** Chooses the zone times are shown in: the browser's, UTC, or any the browser knows. */
export function ZoneSelect({ tz, onTz }: { tz: string; onTz: (tz: string) => void }) {
  const zones = useMemo(
    () => [
      { value: "browser", label: `Browser (${resolveZone("browser")})` },
      { value: "utc", label: "UTC" },
      ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC").map((zone) => ({ value: zone, label: zone })),
    ],
    [],
  );
  return (
    <Select
      label="Time zone"
      searchable
      limit={60}
      data={zones}
      value={tz}
      onChange={(value) => onTz(value ?? "browser")}
      comboboxProps={{ withinPortal: false }}
    />
  );
}
