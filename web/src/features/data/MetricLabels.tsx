import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { labelCosts, type LabelCost } from "../../api/cardinality";
import { copyText } from "../../components/clipboard";
import { Panel } from "../../components/Panel";
import { Failure, Loading } from "../../components/status";
import { Table } from "../../components/Table";
import { useAnswerNow } from "../../components/useAnswerNow";
import { metricsPlace } from "../../lib/links";
import { formatValue, group } from "../../lib/units";
import { dropLabel, dropMetric } from "./relabel";
import classes from "./data.module.css";

/** The labels of one metric: their values, and what dropping each would save. */
export function MetricLabels({ metric, onClose }: { metric: string; onClose: () => void }) {
  const [snippet, setSnippet] = useState("");
  const labels = useAnswerNow(["cardinality", "labels", metric], ({ signal }) => labelCosts(metric, 100, signal));
  const { data } = labels;
  return (
    <Panel
      title={metric}
      flush
      of={labels}
      actions={
        <>
          <Link {...metricsPlace(metric)}>Open in Metrics</Link>
          <button type="button" className={classes.textButton} onClick={() => setSnippet(dropMetric(metric))}>
            Drop this metric…
          </button>
          <button type="button" className={classes.textButton} onClick={onClose}>
            Close
          </button>
        </>
      }
    >
      {labels.isPending ? (
        <Loading what="labels" asked={labels.asked} />
      ) : labels.isError ? (
        <Failure error={labels.error} retry={labels.refetch} what="Asking for the labels" />
      ) : (
        <Table
          label={`Labels of ${metric}`}
          maxHeight={320}
          rows={data?.list.filter((one) => one.label !== "__name__") ?? []}
          rowKey={(row) => row.label}
          columns={[
            { key: "label", header: "Label", width: "minmax(120px, 1fr)", cell: (row) => row.label, sort: (row) => row.label },
            { key: "values", header: "Values", align: "right", width: "72px", cell: (row) => group(row.values), sort: (row) => row.values },
            { key: "top", header: "Most frequent", width: "minmax(120px, 3fr)", cell: (row) => <Top label={row} /> },
            { key: "saves", header: "Dropping it saves", align: "right", width: "150px", cell: (row) => saved(row, data?.series ?? 0), sort: (row) => row.series_without ?? null },
            {
              key: "snippet",
              header: "Relabelling",
              width: "110px",
              align: "right",
              cell: (row) => (
                <button type="button" className={classes.textButton} onClick={() => setSnippet(dropLabel(metric, row.label))} aria-label={`Relabel snippet that drops ${row.label}`}>
                  Snippet
                </button>
              ),
            },
          ]}
        />
      )}
      {snippet !== "" && <Snippet text={snippet} />}
    </Panel>
  );
}

function saved({ series_without: without }: LabelCost, series: number): string {
  if (without === undefined) return "not counted";
  const less = series - without;
  return less <= 0 ? "nothing" : `${group(less)} series (${formatValue(less / series, "percentunit", 0)})`;
}

function Top({ label }: { label: LabelCost }) {
  const text = (label.top ?? []).map((one) => `${one.value || '""'} (${group(one.series)})`).join(", ");
  return <span title={text}>{text}</span>;
}

function Snippet({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className={classes.snippet}>
      <div className={classes.snippetHead}>
        Under <code>ingest.metric_relabel_configs</code>, or <code>metric_relabel_configs</code> of a scrape job:
        <button type="button" className={classes.textButton} onClick={() => void copyText(text).then(() => setCopied(true))}>
          {copied ? "Copied" : "Copy"}
        </button>
      </div>
      <pre>{text}</pre>
      {text.includes("target_label") && <p className={classes.muted}>Series that differ in nothing else then have one name: only one sample of each time is kept. Aggregate them where they come from if all are to count.</p>}
    </div>
  );
}
