import { ActionIcon, Button, SegmentedControl, Switch } from "@mantine/core";
import IconMinus from "@tabler/icons-react/dist/esm/icons/IconMinus.mjs";
import IconPlus from "@tabler/icons-react/dist/esm/icons/IconPlus.mjs";
import { useMemo, useState } from "react";

import { atLeast, compareNumbers, compareQuery, compareSpans, compareWithin, selectionOf, slowest, type Selection } from "../../api/traceCompare";
import { ShareBars } from "../../components/difference/ShareBars";
import { Empty, Failure, Loading } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useAnswer } from "../../components/useAnswer";
import { findings, histograms, liesApart, manyNumbers, valueCondition, type Finding, type TwoHistograms, type ValueShares, type Within } from "../../lib/spanCompare";
import type { TraceBox } from "../../lib/traceBox";
import type { Condition } from "../../lib/traceqlEdit";
import { counted, formatNanoSpan, formatValue, group } from "../../lib/units";
import type { TracesState } from "./state";
import classes from "./CompareTab.module.css";

const HEIGHT = 240;
const SLOW = 0.05;
const MOST = 25;
// Each of these is asked for by itself.
const MOST_NUMBERS = 8;

type Which = Exclude<TracesState["of"], "">;

interface CompareTabProps {
  query: string;
  /** Which spans are compared; empty for those that the page is about. */
  of: TracesState["of"];
  red: TracesState["red"];
  box: TraceBox | undefined;
  /** Whether the calls of an operation are compared among themselves. */
  apart: boolean;
  onOf(of: Which): void;
  onApart(apart: boolean): void;
  onFilter(condition: Condition): void;
  /** Narrows the query by several conditions at once. */
  onNarrow(conditions: Condition[]): void;
}

/** What some spans have in common that the others do not: those in the box, those that failed, or the slow ones. */
export function CompareTab({ query, of, red, box, apart, onOf, onApart, onFilter, onNarrow }: CompareTabProps) {
  const { range } = useTime();
  const which: Which = of === "" || (of === "box" && !box) ? (box ? "box" : red === "duration" ? "slow" : "failed") : of;
  const slow = useAnswer(["traces", "slow", query], async ({ signal }) => (await slowest(query, range, SLOW, signal)) ?? null, { enabled: which === "slow" });
  const selection = useMemo((): Selection | undefined => {
    if (which === "box") return box && selectionOf(box);
    if (which === "failed") return { conditions: [{ field: "status", op: "=", value: "error", quoted: false }] };
    if (slow.data === undefined || slow.data === null) return undefined;
    return { conditions: [atLeast(slow.data.nanos)] };
  }, [which, box, slow.data]);

  return (
    <div className={classes.tab}>
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          aria-label="Which spans are compared"
          value={which}
          onChange={(value) => onOf(value as Which)}
          data={[
            { value: "box", label: "In the box", disabled: !box },
            { value: "failed", label: "Failed" },
            { value: "slow", label: "Slowest" },
          ]}
        />
        <span>
          {which === "slow" && slow.data && `${formatNanoSpan(slow.data.nanos)} or longer, which ${formatValue(slow.data.share, "percentunit")} of the spans took, `}against the rest of the spans that
          the query finds
        </span>
      </div>
      {which === "slow" && slow.isError ? (
        <Failure error={slow.error} retry={slow.refetch} what="Finding the slow spans" />
      ) : which === "slow" && slow.data === null ? (
        <Empty title="No spans match in this time range" height={HEIGHT} />
      ) : selection ? (
        <Compared query={query} selection={selection} apart={apart} onApart={onApart} onFilter={onFilter} onNarrow={onNarrow} />
      ) : (
        <Loading height={HEIGHT} what="the comparison" asked={slow.asked} />
      )}
    </div>
  );
}

function Compared({ query, selection, apart, onApart, onFilter, onNarrow }: { selection: Selection } & Pick<CompareTabProps, "query" | "apart" | "onApart" | "onFilter" | "onNarrow">) {
  const { range } = useTime();
  const overall = useAnswer(["traces", "compare", query, selection], ({ signal }) => compareSpans(query, range, selection, signal));
  const within = useAnswer(["traces", "compare within", query, selection], ({ signal }) => compareWithin(query, range, selection, signal), { enabled: apart });
  const list = useMemo(() => (overall.data ? findings(overall.data, apart ? (within.data ?? []) : []) : []), [overall.data, within.data, apart]);
  const many = useMemo(() => (overall.data ? manyNumbers(overall.data, apart ? (within.data ?? []) : []).slice(0, MOST_NUMBERS) : []), [overall.data, within.data, apart]);
  if (overall.isPending || (apart && within.isPending)) return <Loading height={HEIGHT} what="the comparison" asked={[...overall.asked, ...within.asked]} />;
  if (overall.isError) return <Failure error={overall.error} retry={overall.refetch} what="The comparison" />;
  if (apart && within.isError) return <Failure error={within.error} retry={within.refetch} what="The comparison" />;
  const { selection: selected, baseline } = overall.data;
  if (selected === 0) return <Empty title="No such spans in this range" height={HEIGHT} hint="Choose others above, or drag another box." />;
  if (baseline === 0) return <Empty title="All spans that the query finds are selected" height={HEIGHT} hint="Widen the query: there is nothing to compare with." />;
  return (
    <>
      <div className={classes.about}>
        {counted(selected, "span")} against {group(baseline)}.{" "}
        <Switch
          className={classes.switch}
          size="xs"
          label="Operation by operation"
          title="Compares the calls of an operation among themselves, so that the list says why, not which operation"
          checked={apart}
          onChange={(event) => onApart(event.currentTarget.checked)}
        />
      </div>
      {apart && <Operations withins={within.data ?? []} onNarrow={onNarrow} />}
      {list.length === 0 ? (
        <Empty title="Nothing stands out" height={120} hint="The selected spans have the same attributes as the rest." />
      ) : (
        <ol className={classes.list} aria-label="Attributes, those that differ most first">
          {list.slice(0, MOST).map((one) => (
            <Row key={one.attribute} finding={one} onFilter={onFilter} />
          ))}
        </ol>
      )}
      <ul className={classes.list} aria-label="Numbers, by where they lie">
        {!selection.conditions.some(({ field }) => field === "duration") && <Numbers query={query} selection={selection} attribute="duration" unit="s" always />}
        {many.map((one) => (
          <Numbers key={one.attribute} query={query} selection={selection} attribute={one.attribute} of={one} />
        ))}
      </ul>
      <details className={classes.query}>
        <summary>The query</summary>
        <code>{compareQuery(query, selection)}</code>
      </details>
    </>
  );
}

/** Where the selection began. */
function Operations({ withins, onNarrow }: { withins: readonly Within[]; onNarrow(conditions: Condition[]): void }) {
  if (withins.length === 0) return null;
  return (
    <ul className={classes.operations} aria-label="Where it began">
      {withins.map(({ service, name, share, comparison: { selection, baseline } }) => (
        <li key={`${service} ${name}`}>
          <b>{formatValue(share, "percentunit", 0)}</b> began in{" "}
          <button
            type="button"
            className={classes.operation}
            title="Narrow the query to this operation"
            onClick={() =>
              onNarrow([
                { field: "resource.service.name", op: "=", value: service, quoted: true },
                { field: "name", op: "=", value: name, quoted: true },
              ])
            }
          >
            {service} {name}
          </button>
          , of whose spans <b>{formatValue(selection / Math.max(selection + baseline, 1), "percentunit")}</b> are selected
        </li>
      ))}
    </ul>
  );
}

function Row({ finding, onFilter }: { finding: Finding; onFilter(condition: Condition): void }) {
  const [open, setOpen] = useState(false);
  const [first] = finding.values;
  if (!first) return null;
  const histogram = finding.numeric && finding.values.length > 5;
  return (
    <li className={classes.item}>
      <div className={classes.row}>
        <Name attribute={finding.attribute} within={finding.within} />
        {histogram ? <Histograms of={histograms(finding.values, bins)} /> : <Value finding={finding} value={first} onFilter={onFilter} />}
        {finding.values.length > 1 && (
          <Button size="compact-xs" variant="subtle" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Less" : counted(finding.values.length, "value")}
          </Button>
        )}
      </div>
      {open && (
        <ul className={classes.values}>
          {finding.values.slice(histogram ? 0 : 1, 12).map((value) => (
            <li key={value.value} className={classes.row}>
              <span />
              <Value finding={finding} value={value} onFilter={onFilter} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function Value({ finding, value, onFilter }: { finding: Finding; value: ValueShares; onFilter(condition: Condition): void }) {
  const name = `${finding.attribute} = ${value.value}`;
  return (
    <>
      <span className={classes.value} dir="auto" title={value.value}>
        {value.value === "" ? <em>(empty)</em> : value.value}
      </span>
      <ShareBars selection={value.selection} baseline={value.baseline} atMost={value.atMost} />
      <span className={classes.actions}>
        <ActionIcon size={24} variant="subtle" aria-label={`Only ${name}`} onClick={() => onFilter(valueCondition(finding, value.value, "="))}>
          <IconPlus size={12} />
        </ActionIcon>
        <ActionIcon size={24} variant="subtle" aria-label={`Without ${name}`} onClick={() => onFilter(valueCondition(finding, value.value, "!="))}>
          <IconMinus size={12} />
        </ActionIcon>
      </span>
    </>
  );
}

function Name({ attribute, within }: Pick<Finding, "attribute" | "within">) {
  return (
    <span className={classes.name} title={attribute}>
      {attribute.replace(/^(?:resource|span)\./, "")}
      {within && (
        <span className={classes.within}>
          in {within.service} {within.name}
        </span>
      )}
    </span>
  );
}

interface NumbersProps {
  query: string;
  selection: Selection;
  attribute: string;
  /** What is known of its most frequent values. */
  of?: Finding;
  unit?: string;
  /** Also where both lie alike. */
  always?: boolean;
}

/** Where the numbers of an attribute lie that has too many for a list; nothing where those of both sides lie alike. */
function Numbers({ query, selection, attribute, of, unit = "short", always = false }: NumbersProps) {
  const { range } = useTime();
  const within = of?.within;
  const answer = useAnswer(["traces", "compare numbers", query, selection, attribute, within], async ({ signal }) => (await compareNumbers(query, range, selection, attribute, within, signal)) ?? null);
  if (answer.data && !always && !liesApart(answer.data)) return null;
  // Of fractions the server makes no histogram.
  const frequent = answer.isPending || !of ? undefined : histograms(of.values, bins);
  if (!answer.data && !frequent && !answer.isPending) return null;
  const left = of && `of the most frequent values, without ${formatValue(of.beyond.selection, "percentunit", 0)} of the selection and ${formatValue(of.beyond.baseline, "percentunit", 0)} of the rest`;
  return (
    <li className={classes.item}>
      <div className={classes.row}>
        <Name attribute={attribute} within={within} />
        {answer.data ? (
          <Histograms of={answer.data} unit={unit} note="each bar is twice as wide as the one before" />
        ) : frequent ? (
          <Histograms of={frequent} unit={unit} note={left} />
        ) : (
          <span className={classes.histogram} aria-busy="true" style={{ height: 2 * box.height }} />
        )}
      </div>
    </li>
  );
}

const bins = 24;
const box = { width: 240, height: 28 };

/** Two histograms over one scale, the selection's above. */
function Histograms({ of: { bounds, selection, baseline }, unit = "short", note }: { of: TwoHistograms; unit?: string; note?: string | undefined }) {
  const most = [...selection, ...baseline].reduce((a, b) => Math.max(a, b), 0) || 1;
  const width = box.width / selection.length;
  const bar = (share: number, index: number, selected: boolean) => {
    const height = (share / most) * (box.height - 2);
    const between = `${formatValue(bounds[index], unit)} to ${formatValue(bounds[index + 1], unit)}`;
    return (
      <rect
        key={`${selected} ${bounds[index]}`}
        data-selected={selected || undefined}
        x={index * width}
        y={(selected ? box.height : 2 * box.height) - height}
        width={Math.max(width - 1, 1)}
        height={height}
      >
        <title>{`${between}: ${formatValue(share, "percentunit")} of ${selected ? "the selection" : "the rest"}`}</title>
      </rect>
    );
  };
  return (
    <span className={classes.histogram}>
      <span>{formatValue(bounds[0], unit)}</span>
      <svg
        width={box.width}
        height={2 * box.height}
        role="img"
        aria-label={`Values from ${formatValue(bounds[0], unit)} to ${formatValue(bounds.at(-1), unit)}: the selection's above, most often ${usual(bounds, selection, unit)}, the rest below, most often ${usual(bounds, baseline, unit)}`}
      >
        {selection.map((share, index) => bar(share, index, true))}
        {baseline.map((share, index) => bar(share, index, false))}
      </svg>
      <span>{formatValue(bounds.at(-1), unit)}</span>
      {note && <span className={classes.note}>{note}</span>}
    </span>
  );
}

/** Where most of one side lies. */
function usual(bounds: readonly number[], shares: readonly number[], unit: string): string {
  const at = shares.indexOf(shares.reduce((a, b) => Math.max(a, b), 0));
  return `${formatValue(bounds[at], unit)} to ${formatValue(bounds[at + 1], unit)}`;
}
