import { SegmentedControl, useComputedColorScheme } from "@mantine/core";

import { usePrefs } from "../../components/usePrefs";
import { strokes } from "../../lib/colour";
import type { Prefs } from "../../lib/prefs";
import { Line } from "./Line";
import classes from "./settings.module.css";

const examples = ["cart", "catalogue", "checkout", "inventory", "mailer", "payment", "shipping", "storefront"];

/** How the page looks in this browser. */
export function Appearance() {
  const [prefs, change] = usePrefs();
  return (
    <div className={classes.box}>
      <p className={classes.muted}>Kept in this browser.</p>
      <Line label="Theme">
        <SegmentedControl
          aria-label="Theme"
          value={prefs.theme}
          onChange={(theme) => change({ theme: theme as Prefs["theme"] })}
          data={[
            { value: "system", label: "System" },
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
            { value: "contrast", label: "High contrast" },
          ]}
        />
      </Line>
      <Line label="Density" hint="Heights of rows, and room around panels.">
        <SegmentedControl
          aria-label="Density"
          value={prefs.density}
          onChange={(density) => change({ density: density as Prefs["density"] })}
          data={[
            { value: "default", label: "Comfortable" },
            { value: "compact", label: "Compact" },
          ]}
        />
      </Line>
      <Line label="Series of charts" hint="Eight colours that stay apart for colour-blind eyes; dashes tell them apart without colour.">
        <SegmentedControl
          aria-label="Series of charts"
          value={prefs.series}
          onChange={(series) => change({ series: series as Prefs["series"] })}
          data={[
            { value: "colours", label: "Colours" },
            { value: "distinct", label: "Colours and dashes" },
          ]}
        />
      </Line>
      <Sample distinct={prefs.series === "distinct"} />
    </div>
  );
}

/** Eight series as charts draw them. */
function Sample({ distinct }: { distinct: boolean }) {
  const scheme = useComputedColorScheme("light");
  return (
    <ul className={classes.sample} aria-label="What series look like">
      {strokes(examples, scheme, distinct).map(({ colour, dash }, index) => (
        <li key={colour + dash.join()}>
          <svg width="48" height="10" aria-hidden="true" data-dash={dash.join(" ")}>
            <line x1="0" x2="48" y1="5" y2="5" stroke={colour} strokeWidth="2" strokeDasharray={dash.join(" ")} />
          </svg>
          {examples[index]}
        </li>
      ))}
    </ul>
  );
}
