import { MantineProvider } from "@mantine/core";
import { render, type RenderResult } from "@testing-library/react";
import type { ComponentType } from "react";

import { applyFieldConfig } from "../lib/dashboard/fieldconfig";
import type { Frame } from "../lib/dashboard/frame";
import { interpolate, type ScopeValue } from "../lib/dashboard/interpolate";
import type { Obj } from "../lib/dashboard/json";
import type { PanelProps } from "./panel";

interface Given {
  frames: Frame[];
  options?: Obj;
  defaults?: Obj;
  overrides?: Obj[];
}

/** Draws a panel for a test, 480 by 240 pixels, with its field config applied as a dashboard does. */
export function renderPanel(Panel: ComponentType<PanelProps>, { frames, options = {}, defaults = {}, overrides = [] }: Given): RenderResult {
  const fill = (text: string, scope: Obj = {}): string => interpolate(text, [new Map(Object.entries(scope) as [string, ScopeValue][])]);
  return render(
    <MantineProvider>
      <Panel
        id={1}
        title="Panel"
        frames={applyFieldConfig(frames, { defaults, overrides }, fill)}
        options={options}
        range={{ from: 1_700_000_000_000, to: 1_700_000_600_000 }}
        timeZone="utc"
        width={480}
        height={240}
        shared={0}
        interpolate={fill}
      />
    </MantineProvider>,
  );
}
