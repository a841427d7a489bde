import { useComputedColorScheme } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMemo, type ReactNode } from "react";

import { queryRange, type MatrixSeries } from "../api/prom";
import { TimeSeries, type ChartKind, type ChartSeries, type Mark, type Stretch } from "./chart/TimeSeries";
import { Panel } from "./Panel";
import { Empty, Failure, Loading } from "./status";
import { useTime } from "./time/TimeContext";
import { useAnswer } from "./useAnswer";
import { levelColour, type Level } from "../lib/colour";
import { seriesNames } from "../lib/labels";
import { metricsPlace } from "../lib/links";
import { fillMacros } from "../lib/macros";
import { pickStep } from "../lib/step";

const points = 240;

/** A chart of one PromQL query. */
export interface ChartPanel {
  title: string;
  query: string;
  /** Unit id of lib/units. */
  unit: string;
  kind?: ChartKind;
  /** Said when the query selects nothing. */
  absent?: string;
  /** What series are called instead of what their labels say. */
  names?: Readonly<Record<string, string>>;
  /** Series, by their name in the answer, whose colour has a meaning. */
  levels?: Readonly<Record<string, Level>>;
  /** For the name of a series in the answer that of the one down to which the room is filled. */
  above?: Readonly<Record<string, string>>;
}

interface QueryPanelProps {
  panel: ChartPanel;
  /** Of the plot, in pixels. */
  height?: number;
  marks?: readonly Mark[] | undefined;
  stretches?: readonly Stretch[] | undefined;
  /** Beside the name of each series, or in the head where a lone one has none. */
  menu?: ((series: MatrixSeries, name: string, stepMs: number) => ReactNode) | undefined;
}

/** Runs a panel's query over the page's range and draws it. */
export function QueryPanel({ panel, height = 180, marks, stretches, menu }: QueryPanelProps) {
  const { range, zone, zoomTo } = useTime();
  const answer = useAnswer(["prom", "panel", panel.query], ({ signal }) => queryRange({ query: fillMacros(panel.query, range, pickStep(range, points)), range, points }, signal));
  const scheme = useComputedColorScheme("light");
  const series = useMemo<ChartSeries[]>(() => {
    const found = answer.data?.series ?? [];
    const names = seriesNames(
      found.map((one) => one.labels),
      panel.title,
    );
    return found.map(({ times, values }, index) => {
      const name = names[index] ?? "";
      const level = panel.levels?.[name];
      const lower = panel.above?.[name];
      const shown = (one: string): string => panel.names?.[one] ?? one;
      return { name: shown(name), times, values, ...(lower !== undefined && { above: shown(lower) }), ...(level ? { colour: levelColour(level, scheme) } : {}) };
    });
  }, [answer.data, panel, scheme]);

  // A lone series without labels is named by the panel already.
  const nameless = answer.data?.series.length === 1 && Object.keys(answer.data.series[0]?.labels ?? {}).length === 0;

  const menuOf = (index: number): ReactNode => {
    const of = answer.data?.series[index];
    return of && menu?.(of, series[index]?.name || panel.title, pickStep(range, points));
  };

  return (
    <Panel
      title={panel.title}
      of={answer}
      actions={
        <>
          {nameless && menuOf(0)}
          <Link {...metricsPlace(panel.query)}>Explore</Link>
        </>
      }
    >
      {answer.isPending ? (
        <Loading as="chart" height={height} what={panel.title} />
      ) : answer.isError ? (
        <Failure error={answer.error} retry={answer.refetch} what="The query" />
      ) : series.length === 0 ? (
        <Empty title="No data in this range" hint={panel.absent} height={height} />
      ) : (
        <TimeSeries
          label={panel.title}
          series={series}
          range={range}
          zone={zone}
          unit={panel.unit}
          kind={panel.kind ?? "lines"}
          height={height}
          onZoom={zoomTo}
          syncKey="page"
          marks={marks}
          stretches={stretches}
          legend={nameless ? "none" : "list"}
          seriesMenu={menu && menuOf}
        />
      )}
    </Panel>
  );
}
