import { ActionIcon } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import IconMinus from "@tabler/icons-react/dist/esm/icons/IconMinus.mjs";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";
import { useMemo } from "react";

import { logPatterns } from "../../api/patterns";
import { Sparkline } from "../../components/Sparkline";
import { Empty, Failure, Loading } from "../../components/status";
import { Table, type TableColumn } from "../../components/Table";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { AsOf, Waiting } from "../../components/Waiting";
import { levelToken } from "../../lib/colour";
import { comparePatterns, type PatternRow } from "../../lib/patternDiff";
import { pickStep } from "../../lib/step";
import { formatTime, msToNano } from "../../lib/timeFormat";
import { counted, group } from "../../lib/units";
import classes from "./logs.module.css";

interface PatternsTabProps {
  query: string;
  /** Narrows the query to lines of a shape, or to others. */
  onPattern: (op: "|>" | "!>", pattern: string) => void;
}

/** The shapes of a query's lines: how often each occurs, and which are new or gone against the range before. */
export function PatternsTab({ query, onPattern }: PatternsTabProps) {
  const { range, zone } = useTime();
  const step = pickStep(range, 40);
  const width = range.to - range.from;
  const ask = (shift: number) => ({ query, start: msToNano(range.from - shift), end: msToNano(range.to - shift) });
  const now = useAnswer(["logs", "patterns", query, step], ({ signal }) => logPatterns(ask(0), step / 1000, signal));
  const before = useAnswer(["logs", "patterns", query, step, "before"], ({ signal }) => logPatterns(ask(width), step / 1000, signal));
  const rows = useMemo(
    () => comparePatterns(now.data ?? [], before.data ?? [], Math.floor(range.from / step) * (step / 1000), range.to / 1000, step / 1000),
    [now.data, before.data, range, step],
  );
  const narrow = useMediaQuery("(width <= 760px)");
  const columns = useMemo(() => {
    const all = patternColumns(zone, onPattern);
    // Of a table that does not fit, what is at the left is read.
    return narrow ? ["count", "pattern", "change", "levels", "trend", "#actions", "first", "last"].flatMap((key) => all.filter((one) => one.key === key)) : all;
  }, [zone, onPattern, narrow]);
  if (now.isPending) return <Loading height={240} what="patterns" asked={now.asked} />;
  if (now.isError) return <Failure error={now.error} retry={now.refetch} what="Finding patterns" />;
  if (rows.length === 0) return <Empty title="No lines match in this time range" hint="Widen the range, or take conditions away." height={240} />;
  const added = rows.filter((row) => row.change === "new").length;
  const gone = rows.filter((row) => row.change === "gone").length;
  return (
    <div className={classes.tabBody} data-stale={now.isPlaceholderData || undefined}>
      <p className={classes.status}>
        <Waiting asked={now.asked} /> <AsOf at={now.at} failed={now.failure !== null} />
        {counted(rows.length - gone, "pattern")} of the newest lines · {before.isSuccess ? `${added} new and ${gone} gone against the ${group(width / 60_000)} min before` : before.isError ? `nothing to compare with: ${before.error.message}` : "comparing with the range before …"}
      </p>
      <Table label="Patterns" columns={columns} rows={rows} rowKey={(row) => row.pattern} maxHeight={640} initialSort="-count" />
    </div>
  );
}

function patternColumns(zone: string, onPattern: PatternsTabProps["onPattern"]): TableColumn<PatternRow>[] {
  const time = (seconds: number) => (seconds === 0 ? "–" : formatTime(seconds * 1000, zone).slice(-8));
  return [
    { key: "count", header: "Lines", align: "right", width: "72px", cell: (row) => group(row.count), sort: (row) => row.count },
    {
      key: "change",
      header: "Change",
      width: "64px",
      cell: (row) => (row.change === "" ? (row.before === 0 ? "" : changeText(row.count / row.before)) : <strong data-change={row.change}>{row.change}</strong>),
      sort: (row) => (row.change === "new" ? Infinity : row.count / Math.max(row.before, 1)),
    },
    { key: "trend", header: "Trend", width: "96px", cell: (row) => <Sparkline values={row.trend} token={row.levels[0] === "error" || row.levels[0] === "fatal" ? "error" : "accent"} /> },
    {
      key: "levels",
      header: "Levels",
      width: "88px",
      cell: (row) => (
        <span className={classes.levels}>
          {row.levels.map((level) => (
            <span key={level}>
              <i style={{ background: levelToken(level) }} aria-hidden="true" />
              {level}
            </span>
          ))}
        </span>
      ),
      sort: (row) => row.levels[0],
    },
    {
      key: "pattern",
      header: "Pattern",
      width: "minmax(160px, 1fr)",
      cell: (row) => (
        <code className={classes.pattern} title={row.pattern}>
          {row.pattern}
        </code>
      ),
      sort: (row) => row.pattern,
    },
    { key: "first", header: "First", width: "76px", cell: (row) => time(row.first), sort: (row) => row.first },
    { key: "last", header: "Last", width: "76px", cell: (row) => time(row.last), sort: (row) => row.last },
    {
      key: "#actions",
      header: "",
      width: "64px",
      cell: (row) => (
        <span className={classes.inOut}>
          <ActionIcon size="xs" variant="subtle" aria-label={`Only lines like ${row.pattern}`} title="Only lines like this" onClick={() => onPattern("|>", row.pattern)}>
            <IconPlus size={12} />
          </ActionIcon>
          <ActionIcon size="xs" variant="subtle" aria-label={`Without lines like ${row.pattern}`} title="Without lines like this" onClick={() => onPattern("!>", row.pattern)}>
            <IconMinus size={12} />
          </ActionIcon>
        </span>
      ),
    },
  ];
}

function changeText(factor: number): string {
  if (factor > 0.8 && factor < 1.25) return "≈";
  return factor >= 1 ? `×${Number(factor.toPrecision(2))}` : `÷${Number((1 / factor).toPrecision(2))}`;
}
