import { MantineProvider } from "@mantine/core";
import { keepPreviousData, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";

import { ApiError } from "../api/client";
import { backoff } from "../lib/backoff";
import { boot } from "../lib/boot";
import { router } from "./routes";
import { theme } from "./theme";

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // A panel keeps its old data until the new is there; the header decides when to ask again.
      placeholderData: keepPreviousData,
      staleTime: Infinity,
      gcTime: 60_000,
      refetchOnWindowFocus: false,
      // A refusal stays a refusal; only a server that cannot be reached or is overloaded is worth another try. What has a box
      // of its own is patient, and tells of it (useAnswer).
      retry: (failures, error) => failures < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503),
      retryDelay: (attempt, error) => backoff(attempt, error instanceof ApiError ? error.retryAfter : 0),
    },
  },
});

/** The page with all that surrounds it. */
export function App() {
  return (
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" {...(boot.nonce ? { getStyleNonce: () => boot.nonce } : {})}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>
  );
}
