import { Link } from "@tanstack/react-router";

import { servicePlace } from "../lib/links";
import { overflow, overflowHint, serviceName } from "../lib/service";

/** A service by its name, which leads to its page; `title` is what else is said of it. What stands for many has no page. */
export function ServiceLink({ name, title }: { name: string; title?: string }) {
  if (name === overflow) return <em title={overflowHint}>{serviceName(name)}</em>;
  return (
    <Link {...servicePlace(name)} title={title}>
      {name}
    </Link>
  );
}
