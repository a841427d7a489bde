import { Select, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";

import { callMap, listProfiles, listServices } from "../../api/services";
import { runs, useEnvironment } from "../../components/environment";
import { EnvironmentLine } from "../../components/EnvironmentLine";
import { Notice } from "../../components/Notice";
import { Panel } from "../../components/Panel";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { useUrlState } from "../../components/useUrlState";
import { mapPlace } from "../../lib/links";
import { counted } from "../../lib/units";
import { ColumnMenu } from "./ColumnMenu";
import { NoServices } from "./NoServices";
import { serviceRows, valuesOf } from "./rows";
import { ServiceTable } from "./ServiceTable";
import { listState } from "./state";
import { useColumns } from "./useColumns";
import classes from "./services.module.css";

/** Every service that sent spans or log lines, and how it did over the range. */
export function ServicesPage() {
  const { range } = useTime();
  const [state, set] = useUrlState(listState);
  const [columns, setColumns] = useColumns();
  const services = useAnswer(["services", "list"], ({ signal }) => listServices(range, signal));
  const profiles = useAnswer(["services", "profiles"], ({ signal }) => listProfiles(undefined, range, signal));
  const map = useAnswer(["services", "calls"], ({ signal }) => callMap(undefined, range, signal));
  const rows = useMemo(() => serviceRows(services.data?.services ?? [], profiles.data, map.data), [services.data, profiles.data, map.data]);
  const [env] = useEnvironment();
  const where = useMemo(() => runs(env, profiles.data), [env, profiles.data]);
  const wanted = state.q.trim().toLowerCase();
  const shown = rows.filter(
    ({ name, profile }) =>
      name.toLowerCase().includes(wanted) &&
      where.here(name) &&
      (state.ns === "" || profile?.namespaces.includes(state.ns)),
  );
  const narrowed = wanted !== "" || env !== "" || state.ns !== "";

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
        <Narrow label="Namespace" values={valuesOf(rows, (one) => one.namespaces)} value={state.ns} onValue={(ns) => set({ ns })} />
        <Link {...mapPlace(state.q)}>Who calls whom</Link>
        <span className={classes.right}>
          <ColumnMenu shown={columns} onShown={setColumns} />
        </span>
      </div>
      <EnvironmentLine runs={where} services={shown.map(({ name }) => name)} />
      {profiles.isError && (
        <Notice action={{ label: "Try again", run: () => void profiles.refetch() }}>
          Languages, versions and instances, and services that send no spans, are not known: {profiles.error.message}
        </Notice>
      )}
      {services.data?.partial && <Notice>Not all have numbers: {services.data.partial}.</Notice>}
      {services.isPending || profiles.isPending ? (
        <Loading height={320} what="services" asked={[...services.asked, ...profiles.asked]} />
      ) : services.isError ? (
        <Failure error={services.error} retry={services.refetch} what="Asking for services" />
      ) : rows.length === 0 ? (
        <NoServices />
      ) : (
        <Panel title={narrowed ? `${shown.length} of ${counted(rows.length, "service")}` : counted(rows.length, "service")} flush of={services}>
          {shown.length === 0 ? (
            <Empty title={wanted === "" ? "No service is both" : `No service's name contains “${state.q}”`} hint="Clear the search to see all." />
          ) : (
            <ServiceTable services={shown} shown={columns} sort={state.sort} onSort={(sort) => set({ sort }, { replace: true })} />
          )}
        </Panel>
      )}
    </div>
  );
}

interface NarrowProps {
  label: string;
  values: readonly string[];
  value: string;
  onValue: (value: string) => void;
}

/** A choice among what the services say; nothing where they all say the same. */
function Narrow({ label, values, value, onValue }: NarrowProps) {
  if (values.length < 2 && value === "") return null;
  const all = `Any ${label.toLowerCase()}`;
  return (
    <Select
      aria-label={label}
      placeholder={all}
      searchable
      clearable
      data={values.includes(value) || value === "" ? [...values] : [value, ...values]}
      value={value || null}
      onChange={(next) => onValue(next ?? "")}
    />
  );
}
