import { Link } from "@tanstack/react-router";

import { Empty } from "../../components/status";

/** What is shown of services while there are none: how spans get in. */
export function NoServices() {
  return (
    <Empty
      title="No spans in this range"
      height={320}
      hint={
        <>
          What is told here is made of spans. Send some over OTLP: gRPC on port 4317, or HTTP to <code>/v1/traces</code> on port 4318; the numbers
          follow within 15 s. Widen the range, look at <Link to="/explore/logs">logs</Link>, or see <Link to="/data">what came in</Link>.
        </>
      }
    />
  );
}
