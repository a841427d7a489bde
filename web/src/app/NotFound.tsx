import { Link } from "@tanstack/react-router";

import { Empty } from "../components/status";

/** The page for a path that no route has. */
export function NotFound() {
  return <Empty title="There is no such page" hint={<Link to="/">Go to the overview</Link>} height={320} />;
}
