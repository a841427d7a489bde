import { useMemo } from "react";

import { useSize } from "../../components/useSize";
import { useLook } from "../look";
import { NoData } from "../NoData";
import type { PanelProps } from "../panel";
import own from "./geomap.module.css";
import { readLayers, type MapKey } from "./layers";
import { WorldMap } from "./WorldMap";

/** Rows of the data where they are in the world. The map comes with the page; no other server is asked for one. */
export function GeomapPanel(props: PanelProps) {
  const { title, frames, options, timeZone } = props;
  const look = useLook(timeZone);
  const { layers, notes } = useMemo(() => readLayers(options, frames, look), [options, frames, look]);
  const { ref, width, height } = useSize();
  if (frames.length === 0) return <NoData />;
  const places = layers.reduce((sum, layer) => sum + layer.marks.length, 0);
  return (
    <div ref={ref} className={own.panel} role="group" aria-label={`${title === "" ? "Map" : title}: ${places === 1 ? "1 place" : `${places} places`}`}>
      {width > 0 && height > 0 && <WorldMap key={JSON.stringify(options.view)} {...props} layers={layers} look={look} size={{ width, height }} />}
      <Keys keys={layers.flatMap((layer) => layer.keys)} />
      {notes.length > 0 && <p className={own.notes}>{notes.join(" ")}</p>}
    </div>
  );
}

function Keys({ keys }: { keys: readonly MapKey[] }) {
  if (keys.length === 0) return null;
  return (
    <ul className={own.keys} aria-label="Colours">
      {keys.map(({ text, colours }) => (
        <li key={`${text} ${colours.join()}`}>
          <span className={own.key} data-ramp={colours.length > 1 || undefined} style={{ background: colours.length > 1 ? `linear-gradient(90deg, ${colours.join(", ")})` : colours[0] }} aria-hidden="true" />
          {text}
        </li>
      ))}
    </ul>
  );
}
