import * as z from "zod/mini";

import { Panel } from "../../components/Panel";
import { StateBadge } from "../../components/StateBadge";
import { Table } from "../../components/Table";
import type { AnswerState } from "../../components/useAnswer";
import { formatValue, group } from "../../lib/units";

const replay = z.object({ store: z.string(), segments: z.number(), seconds: z.number(), damaged: z.number() });

/** How a store read its write-ahead log when the server started. */
export type Replay = z.infer<typeof replay>;

/** Reads the section "replay" of the server's status. */
export function replaysOf(sections: readonly (readonly [string, unknown])[]): Replay[] {
  const parsed = z.array(replay).safeParse(sections.find(([name]) => name === "replay")?.[1]);
  return parsed.success ? parsed.data : [];
}

/** How long the write-ahead logs took at the last start, and whether they were whole. */
export function Replays({ replays, of }: { replays: readonly Replay[]; of: AnswerState }) {
  if (replays.length === 0) return null;
  return (
    <Panel title="Write-ahead logs at the last start" flush of={of}>
      <Table
        label="Write-ahead logs at the last start"
        rows={replays}
        rowKey={(row) => row.store}
        columns={[
          { key: "store", header: "Store", cell: (row) => row.store, sort: (row) => row.store },
          { key: "state", header: "State", cell: ({ damaged }) => (damaged > 0 ? <StateBadge tone="error">damaged</StateBadge> : <StateBadge tone="ok">well</StateBadge>) },
          { key: "segments", header: "Segments", align: "right", cell: (row) => group(row.segments), sort: (row) => row.segments },
          { key: "damaged", header: "Damaged", align: "right", cell: (row) => group(row.damaged), sort: (row) => row.damaged },
          { key: "took", header: "Took", align: "right", cell: (row) => formatValue(row.seconds, "s"), sort: (row) => row.seconds },
        ]}
      />
    </Panel>
  );
}
