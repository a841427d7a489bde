import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";

import { resolveShortlink } from "../api/shortlinks";
import { Failure, Loading } from "../components/status";
import { useGo } from "../components/useGo";

/** Follows a short link. */
export function SharePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const go = useGo();
  const target = useQuery({ queryKey: ["shortlink", id], queryFn: ({ signal }) => resolveShortlink(id, signal) });
  useEffect(() => {
    if (target.data !== undefined) go(target.data, { replace: true });
  }, [target.data, go]);
  if (target.isError) return <Failure error={target.error} retry={target.refetch} what="Following the short link" />;
  return <Loading as="text" height={320} what="the address behind this link" />;
}
