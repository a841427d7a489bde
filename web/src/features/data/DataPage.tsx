import { SegmentedControl } from "@mantine/core";
import { lazy, Suspense } from "react";

import { Loading } from "../../components/status";
import { useUrlState } from "../../components/useUrlState";
import { blank, dataState, tabs, type Tab } from "./dataState";
import { IngestTab } from "./IngestTab";
import classes from "./data.module.css";

const CardinalityTab = lazy(() => import("./CardinalityTab").then((loaded) => ({ default: loaded.CardinalityTab })));
const StorageTab = lazy(() => import("./StorageTab").then((loaded) => ({ default: loaded.StorageTab })));
const TargetsTab = lazy(() => import("./TargetsTab").then((loaded) => ({ default: loaded.TargetsTab })));
const QueriesTab = lazy(() => import("./QueriesTab").then((loaded) => ({ default: loaded.QueriesTab })));
const StatusTab = lazy(() => import("./StatusTab").then((loaded) => ({ default: loaded.StatusTab })));

const titles: Record<Tab, string> = { ingest: "Ingest", cardinality: "Cardinality", storage: "Storage", targets: "Targets", queries: "Queries", status: "Status" };

/** What comes in, what it is made of, where it rests, who asks, and how the server does. */
export function DataPage() {
  const [{ tab }, set] = useUrlState(dataState);
  return (
    <div className={classes.page}>
      <div className={classes.tabs}>
        <SegmentedControl
          aria-label="View"
          data={tabs.map((value) => ({ value, label: titles[value] }))}
          value={tab}
          onChange={(next) => set({ tab: next as Tab, ...blank })}
        />
      </div>
      <Suspense fallback={<Loading height={320} what="the view" />}>
        {tab === "ingest" && <IngestTab />}
        {tab === "cardinality" && <CardinalityTab />}
        {tab === "storage" && <StorageTab />}
        {tab === "targets" && <TargetsTab />}
        {tab === "queries" && <QueriesTab />}
        {tab === "status" && <StatusTab />}
      </Suspense>
    </div>
  );
}
