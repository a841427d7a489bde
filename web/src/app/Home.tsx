import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";

import { received } from "../api/onboarding";
import { OverviewPage } from "../features/overview/OverviewPage";

const AddData = lazy(async () => ({ default: (await import("../features/welcome/WelcomePage")).AddData }));

/** The overview; while nothing was ever received, how to change that. */
export function Home() {
  // Asked once: the first rows must not take the snippets away while somebody reads them.
  const first = useQuery({ queryKey: ["home", "empty"], queryFn: async ({ signal }) => (await received(signal)).empty, gcTime: Infinity });
  if (first.data !== true) return <OverviewPage />;
  return (
    <Suspense fallback={null}>
      <AddData />
    </Suspense>
  );
}
