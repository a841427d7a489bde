import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { listServices } from "../../api/services";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useUrlState } from "../../components/useUrlState";
import { mapPlace } from "../../lib/links";
import { counted } from "./graph";
import { NoServices } from "./NoServices";
import { ServiceTable } from "./ServiceTable";
import { listState } from "./state";
import classes from "./services.module.css";

/** Every service that sent spans, and how it did over the range. */
export function ServicesPage() {
  const { range, tick } = useTime();
  const [state, set] = useUrlState(listState);
  const services = useQuery({ queryKey: ["services", "list", range, tick], queryFn: ({ signal }) => listServices(range, signal) });
  const wanted = state.q.trim().toLowerCase();
  const shown = (services.data ?? []).filter((one) => one.name.toLowerCase().includes(wanted));

  return (
    <div className={classes.page}>
      <div className={classes.tools}>
        <TextInput
          data-search=""
          className={classes.find}
          aria-label="Find a service"
          placeholder="Find a service"
          value={state.q}
          onChange={(event) => set({ q: event.currentTarget.value }, { replace: true })}
        />
        <Link {...mapPlace(state.q)}>Who calls whom</Link>
      </div>
      {services.isPending ? (
        <Loading height={320} what="services" />
      ) : services.isError ? (
        <Failure error={services.error} retry={services.refetch} what="Asking for services" />
      ) : services.data.length === 0 ? (
        <NoServices />
      ) : (
        <Panel title={wanted === "" ? counted(shown.length, "service") : `${shown.length} of ${counted(services.data.length, "service")}`} flush busy={services.isPlaceholderData}>
          {shown.length === 0 ? (
            <Empty title={`No service's name contains “${state.q}”`} hint="Clear the search to see all." />
          ) : (
            <ServiceTable services={shown} sort={state.sort} onSort={(sort) => set({ sort }, { replace: true })} />
          )}
        </Panel>
      )}
    </div>
  );
}
