import { useInterval } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { received } from "../../api/onboarding";
import { Notice } from "../../components/Notice";
import { useTime } from "../../components/time/TimeContext";
import { counted } from "../../lib/units";
import { latest, total } from "./red";
import { useIngest } from "./useIngest";

const everyMs = 10_000;
// Samples are taken every 15 s, by most senders every minute; what has no rate by then has none.
const patienceMs = 180_000;

/** While what came in is too new to have rates: how much there is so far. The page looks again by itself until it has figures. */
export function FirstFigures() {
  const { refresh, tick, raw } = useTime();
  const rows = useIngest();
  const [opened] = useState(() => Date.now());
  const [patient, setPatient] = useState(true);
  const missing = rows.data !== undefined && latest(total(rows.data.series.map((one) => one.values))) === null;
  // Of a range that was over before, nothing is still to come.
  const waits = missing && patient && raw.to === "now";
  const { start, stop } = useInterval(() => {
    if (Date.now() - opened > patienceMs) setPatient(false);
    else if (document.visibilityState === "visible") refresh();
  }, everyMs);
  useEffect(() => {
    if (!waits) return undefined;
    start();
    return stop;
  }, [waits, start, stop]);
  const found = useQuery({ queryKey: ["overview", "received", tick], queryFn: ({ signal }) => received(signal), enabled: waits });
  const bySignal = new Map<string, number>();
  for (const { signal, rows: count } of found.data?.accepted ?? []) bySignal.set(signal, (bySignal.get(signal) ?? 0) + count);
  if (!waits || bySignal.size === 0) return null;
  return (
    <Notice>
      Received so far: {[...bySignal].map(([signal, count]) => `${counted(count, "row")} of ${signal}`).join(", ")}. Rates need a second sample, which is there within a minute; this page looks again every 10 s.{" "}
      <Link to="/welcome">Send more</Link>
    </Notice>
  );
}
