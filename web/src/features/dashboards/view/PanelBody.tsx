import { Suspense } from "react";

import { Boundary } from "../../../components/Boundary";
import type { Shape } from "../../../components/Skeleton";
import { Empty, Failure, Loading } from "../../../components/status";
import { useTime } from "../../../components/time/TimeContext";
import { useUrlState } from "../../../components/useUrlState";
import { str } from "../../../lib/dashboard/json";
import type { PanelModel } from "../../../lib/dashboard/model";
import { sharedState } from "../../../lib/urlState";
import { NoValue } from "../../../viz/noValue";
import type { PanelProps } from "../../../viz/panel";
import { panelTypes } from "../../../viz/registry";
import { useShared } from "../DashboardContext";
import type { PanelData } from "../usePanel";
import { useLabelFilter } from "../variables/useLabelFilter";
import { UnknownPanel } from "./UnknownPanel";
import classes from "./panel.module.css";

interface PanelBodyProps {
  panel: PanelModel;
  title: string;
  data: PanelData;
  width: number;
  height: number;
  /** It is in sight, and follows the crosshair of others. */
  visible: boolean;
}

// Panels that have something to show without any answer.
const selfContained = new Set(["text", "news", "dashlist", "alertlist", "annolist"]);

/** What a panel shows: its chart, or why there is none. */
export function PanelBody({ panel, title, data, width, height, visible }: PanelBodyProps) {
  const shared = useShared();
  const { zoomTo } = useTime();
  const [{ tz }] = useUrlState(sharedState);
  const onFilter = useLabelFilter(panel);
  const type = panelTypes.get(panel.type);
  const own = selfContained.has(panel.type);
  const [failure] = data.answer?.errors ?? [];

  if (data.pending) return <Loading as={shapeOf(panel.type)} height={height} what={title || "the panel"} asked={data.asked} />;
  if (failure && data.frames.length === 0 && !own) {
    return (
      <div className={classes.failure} style={{ height }}>
        <Failure error={new Error(failure.message)} retry={data.refetch} what={failure.refId === "" ? "The query" : `Query ${failure.refId}`} />
      </div>
    );
  }
  if (!type) return <UnknownPanel panel={panel} frames={data.frames} height={height} />;
  if (!own && panel.targets.length === 0 && data.frames.length === 0) {
    // A panel that only names the library has not come with its dashboard.
    const missing = panel.library !== undefined && Object.keys(panel.options).length === 0;
    return missing ? <Empty title={`Library panel “${panel.library}”`} hint="It is neither in the library here nor did it come with the dashboard. Push it to /api/library-elements, or export the dashboard with its library panels." height={height} /> : <Empty title="No query" hint="The panel asks for nothing yet." height={height} />;
  }
  const marks = shared.marks.filter(({ filter }) => !filter || filter.ids.includes(panel.id) !== filter.exclude);
  const props: PanelProps = {
    id: panel.id,
    title,
    frames: data.frames,
    options: panel.options,
    range: data.time.range,
    timeZone: tz,
    width,
    height,
    shared: visible ? shared.dashboard.graphTooltip : 0,
    interpolate: data.interpolate,
    onZoom: zoomTo,
    onFilter,
    marks,
  };
  const View = type.component;
  return (
    <Boundary key={panel.type} what={title || panel.type}>
      <Suspense fallback={<Loading as={shapeOf(panel.type)} height={height} what={title} />}>
        <NoValue value={str(panel.fieldConfig.defaults.noValue)}>
          <View {...props} />
        </NoValue>
      </Suspense>
    </Boundary>
  );
}

const shapes: Readonly<Record<string, Shape>> = { stat: "tile", gauge: "tile", piechart: "tile", table: "rows", logs: "rows", text: "text", news: "rows", dashlist: "rows", alertlist: "rows", annolist: "rows", bargauge: "rows", traces: "rows" };

/** What a panel of that type looks like before it has data. */
function shapeOf(type: string): Shape {
  return shapes[type] ?? "chart";
}
