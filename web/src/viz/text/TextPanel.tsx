import { marked } from "marked";
import { useMemo } from "react";

import { str } from "../../lib/dashboard/json";
import type { PanelProps } from "../panel";
import { sanitise } from "./sanitise";
import classes from "./text.module.css";

/** Text that a dashboard's author wrote: Markdown, HTML or code. */
export function TextPanel({ options, interpolate }: PanelProps) {
  const mode = str(options.mode, "markdown");
  const text = interpolate(str(options.content));
  const html = useMemo(() => (mode === "code" ? "" : sanitise(mode === "html" ? text : marked.parse(text, { async: false, gfm: true }))), [mode, text]);
  if (mode === "code") {
    return (
      <pre className={classes.code}>
        <code>{text}</code>
      </pre>
    );
  }
  // Sanitised above.
  return <div className={classes.text} dangerouslySetInnerHTML={{ __html: html }} />;
}
