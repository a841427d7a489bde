import { useMemo, type MouseEvent, type ReactNode } from "react";

import { summarise } from "../../lib/align";
import type { Stroke } from "../../lib/colour";
import { formatValue } from "../../lib/units";
import { Swatch } from "./Swatch";
import type { ChartSeries } from "./TimeSeries";
import classes from "./chart.module.css";

interface LegendProps {
  series: readonly ChartSeries[];
  strokes: readonly Stroke[];
  unit: string;
  form: "list" | "table";
  /** Names of the series that are not drawn. */
  hidden: ReadonlySet<string>;
  onHidden(hidden: ReadonlySet<string>): void;
  /** Beside a series' name. */
  menu?: ((index: number) => ReactNode) | undefined;
}

/** Names of a chart's series. Click shows one alone (and all again), Ctrl-click switches one on or off. */
export function Legend({ series, strokes, unit, form, hidden, onHidden, menu }: LegendProps) {
  const toggle = (name: string) => (event: MouseEvent) => {
    onHidden(event.ctrlKey || event.metaKey ? flip(hidden, name) : solo(series, hidden, name));
  };
  const entries = series.map((one, index) => {
    const button = (
      <button type="button" className={classes.entry} aria-pressed={!hidden.has(one.name)} title={one.name} onClick={toggle(one.name)}>
        <Swatch stroke={strokes[index]} />
        <span className={classes.entryName}>{one.name}</span>
      </button>
    );
    return { one, button };
  });
  if (form === "list") {
    return (
      <div className={classes.legend} role="group" aria-label="Series">
        {entries.map(({ one, button }, index) => (
          <span key={`${one.name} ${index}`} className={classes.entryWithMenu}>
            {button}
            {menu?.(index)}
          </span>
        ))}
      </div>
    );
  }
  return (
    <div className={classes.legendTable}>
      <table>
        <thead>
          <tr>
            <th scope="col">Series</th>
            <th scope="col">Min</th>
            <th scope="col">Mean</th>
            <th scope="col">Max</th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ one, button }, index) => (
            <tr key={`${one.name} ${index}`} data-hidden={hidden.has(one.name) || undefined}>
              <td>
                <span className={classes.entryWithMenu}>
                  {button}
                  {menu?.(index)}
                </span>
              </td>
              <Calcs values={one.values} unit={unit} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Calcs({ values, unit }: { values: ChartSeries["values"]; unit: string }) {
  const { min, mean, max, last } = useMemo(() => summarise(values), [values]);
  return [min, mean, max, last].map((value, index) => (
    // The four columns never change places.
    // oxlint-disable-next-line react/no-array-index-key
    <td key={index} className={classes.number}>
      {formatValue(value, unit)}
    </td>
  ));
}

function flip(hidden: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(hidden);
  if (!next.delete(name)) next.add(name);
  return next;
}

function solo(series: readonly ChartSeries[], hidden: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const others = new Set(series.map((one) => one.name).filter((one) => one !== name));
  const alone = !hidden.has(name) && [...others].every((other) => hidden.has(other));
  return alone ? new Set() : others;
}
