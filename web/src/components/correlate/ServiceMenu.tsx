import { overflow } from "../../lib/service";
import { CorrelateMenu } from "./CorrelateMenu";

/** What else tells of a service, in a table of them; nothing of what stands for many. `label` says more where a service has several rows. */
export function ServiceMenu({ name, label = `More about ${name}` }: { name: string; label?: string }) {
  if (name === overflow) return null;
  return <CorrelateMenu label={label} subject={() => ({ kind: "service", labels: { service_name: name } })} />;
}
