import { useState } from "react";

import type { Frame } from "../../../lib/dashboard/frame";
import type { PanelModel } from "../../../lib/dashboard/model";
import { FrameTable } from "./FrameTable";
import classes from "./panel.module.css";

/** A panel of a type that is not known: the reason, its data as a table, and its JSON. */
export function UnknownPanel({ panel, frames, height }: { panel: PanelModel; frames: readonly Frame[]; height: number }) {
  const [json, setJson] = useState(false);
  return (
    <div className={classes.unknown} style={{ height }} data-nothing={`type ${panel.type} is not drawn, its data are shown as a table`}>
      <p>
        Panels of type <code>{panel.type}</code> are not drawn here. The panel is kept as it is.{" "}
        <button type="button" className={classes.linkButton} onClick={() => setJson(!json)}>
          {json ? "Show its data" : "Show its JSON"}
        </button>
      </p>
      {json ? <pre className={classes.json}>{JSON.stringify(panel, null, 2)}</pre> : <FrameTable frames={frames} label={`Data of ${panel.title}`} height={height - 48} />}
    </div>
  );
}
