import { useEnvironment, type Runs } from "./environment";
import { Notice } from "./Notice";

/** Over what is shown of services of one environment: that it is, and what of it is of others too. */
export function EnvironmentLine({ runs: { env, elsewhere }, services, rest }: { runs: Runs; services: readonly string[]; rest?: string }) {
  const [, choose] = useEnvironment();
  if (env === "") return null;
  const shared = services.filter((name) => elsewhere(name).length > 0);
  const which = shared.length > 3 ? `${shared.length} of them run` : shared.length === 1 ? `${shared[0]} runs` : `${shared.join(", ")} run`;
  return (
    <Notice action={{ label: "Show all environments", run: () => choose("") }}>
      Services of {env} only.{shared.length > 0 && ` ${which} elsewhere too: numbers of spans and metrics are of all environments together.`}
      {rest && ` ${rest}`}
    </Notice>
  );
}
