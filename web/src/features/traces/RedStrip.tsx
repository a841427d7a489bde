
import { traceMetrics, type TraceSeries } from "../../api/tempo";
import { TimeSeries } from "../../components/chart/TimeSeries";
import { Panel } from "../../components/Panel";
import { Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { summarise } from "../../lib/align";
import { coverRange, pickStep, ratesUntil } from "../../lib/step";
import { formatValue } from "../../lib/units";
import type { TracesState } from "./state";
import classes from "./traces.module.css";

interface Measure {
  key: TracesState["red"];
  title: string;
  /** The metrics query over the spans of a search. */
  of: (query: string) => string;
  unit: string;
  /** What the number in the title is of the values drawn. */
  headline: "mean" | "max";
}

const rate: Measure = { key: "rate", title: "Spans", of: (query) => `${query} | rate()`, unit: "spans/s", headline: "mean" };

const measures: readonly Measure[] = [
  rate,
  { key: "errors", title: "Errors", of: (query) => `${query} | { status = error } | rate()`, unit: "spans/s", headline: "mean" },
  { key: "duration", title: "Duration p95", of: (query) => `${query} | quantile_over_time(duration, 0.95)`, unit: "s", headline: "max" },
];

const HEIGHT = 56;

interface RedStripProps {
  query: string;
  /** False until the query is known to be a good one; what is shown so far stays. */
  enabled: boolean;
  /** The one that the page is about. */
  red: TracesState["red"];
  onRed(red: TracesState["red"]): void;
}

/** Rate, errors and duration of the spans a query selects, over the time range; one of them is what the page is about. */
export function RedStrip({ query, enabled, red, onRed }: RedStripProps) {
  return (
    <div className={classes.strip}>
      {measures.map((measure) => (
        <div key={measure.title} className={classes.tile} data-chosen={measure.key === red || undefined}>
          <Tile measure={measure} query={query} enabled={enabled} chosen={measure.key === red} onChoose={() => onRed(measure.key)} />
        </div>
      ))}
    </div>
  );
}

interface TileProps extends Pick<RedStripProps, "query" | "enabled"> {
  measure: Measure;
  chosen: boolean;
  onChoose(): void;
}

function Tile({ measure, query, enabled, chosen, onChoose }: TileProps) {
  const { range, zone, zoomTo } = useTime();
  const step = pickStep(range, 60);
  const aligned = coverRange(range, step);
  const asked = measure.of(query);
  const answer = useAnswer(["traces", "red", asked, step], ({ signal }) => traceMetrics({ query: asked, start: aligned.from / 1000, end: aligned.to / 1000 }, step / 1000, signal), { enabled });
  // A rate of failures says more beside how many there could have been; it is the question of the first tile.
  const whole = measure.key === "errors" ? rate.of(query) : asked;
  const every = useAnswer(["traces", "red", whole, step], ({ signal }) => traceMetrics({ query: whole, start: aligned.from / 1000, end: aligned.to / 1000 }, step / 1000, signal), { enabled });
  const rates = (series: readonly TraceSeries[] | undefined) => ratesUntil(series?.[0]?.points ?? [], step, range.to);
  const points = measure.unit === "s" ? (answer.data?.[0]?.points ?? []) : rates(answer.data);
  const values = points.map(([, value]) => (Number.isFinite(value) ? value : null));
  const headline = summarise(values)[measure.headline];
  const calls = summarise(rates(every.data).map(([, value]) => (Number.isFinite(value) ? value : null))).mean;
  const share = measure.key === "errors" && headline !== null && calls ? ` · ${formatValue(headline / calls, "percentunit")}` : "";

  return (
    <Panel
      title={
        <button type="button" className={classes.choose} aria-pressed={chosen} title="Make the page about this" onClick={onChoose}>
          {measure.title}
          {headline !== null && (
            <span className={classes.headline} title={measure.headline === "mean" ? "mean over the range" : "largest in the range"}>
              {formatValue(headline, measure.unit)}
              {share}
            </span>
          )}
        </button>
      }
      of={answer}
    >
      {answer.isPending ? (
        <Loading as="chart" height={HEIGHT} what={measure.title} />
      ) : answer.isError ? (
        <p className={classes.tileNote} style={{ height: HEIGHT }} title={answer.error.message}>
          Not available: {answer.error.message}
        </p>
      ) : points.length === 0 ? (
        <p className={classes.tileNote} style={{ height: HEIGHT }}>
          {measure.key === "errors" ? "None failed in this range" : "No such spans in this range"}
        </p>
      ) : (
        <TimeSeries
          label={measure.title}
          series={[{ name: measure.title, times: points.map(([seconds]) => seconds), values }]}
          range={aligned}
          zone={zone}
          unit={measure.unit}
          kind="area"
          height={HEIGHT}
          legend="none"
          onZoom={zoomTo}
          syncKey="traces"
        />
      )}
    </Panel>
  );
}
