import { VisuallyHidden } from "@mantine/core";
import { useEffect, useState } from "react";

import { useLoading } from "../components/loading";

/** In milliseconds: a page that is there sooner is not worth a word, nor is a part that comes while others are waited for. */
const pause = 600;

/** Says once that the page loads, and once that it has: the boxes that wait are many, and say nothing themselves. */
export function LoadingVoice() {
  const loading = useLoading();
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid((before) => (loading ? "Loading" : before === "" ? "" : "Loaded")), pause);
    return () => clearTimeout(timer);
  }, [loading]);
  return (
    <VisuallyHidden role="status" aria-label="What the page waits for">
      {said}
    </VisuallyHidden>
  );
}
