import { QueryPanel } from "../../components/QueryPanel";

/** What comes in, by signal. */
export function IngestChart() {
  return (
    <QueryPanel
      panel={{ title: "Ingest by signal", query: "sum by (signal) (rate(oriel_ingest_rows_total[$__rate_interval]))", unit: "rows/s", kind: "stacked" }}
      height={160}
    />
  );
}
