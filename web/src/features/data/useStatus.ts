import { useQuery } from "@tanstack/react-query";

import { serverStatus } from "../../api/oriel";
import { useTime } from "../../components/time/TimeContext";

/** What the server says of itself now. */
export function useStatus() {
  const { tick } = useTime();
  return useQuery({ queryKey: ["oriel", "status", tick], queryFn: ({ signal }) => serverStatus(signal) });
}
