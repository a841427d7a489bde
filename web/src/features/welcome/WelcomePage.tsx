import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useRouterState } from "@tanstack/react-router";
import { useRef } from "react";

import { addToken } from "../../api/auth";
import { baseURL } from "../../api/client";
import { received, type Received } from "../../api/onboarding";
import { labelValues } from "../../api/prom";
import { listServices } from "../../api/services";
import { announce } from "../../components/announce";
import { copyText } from "../../components/clipboard";
import { usePageTitle } from "../../components/pageTitle";
import { Failure } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useUrlState } from "../../components/useUrlState";
import { boot } from "../../lib/boot";
import { tenantOf } from "../../lib/tenant";
import { age } from "../../lib/timeFormat";
import { group } from "../../lib/units";
import { text, urlSchema, type RawSearch } from "../../lib/urlState";
import { arrivalOf } from "./arrival";
import { SetupForm } from "./SetupForm";
import { senderName, shippers, type Shipper } from "./snippets";
import { suggestions } from "./suggest";
import classes from "./welcome.module.css";

// The sender's tenant is not the page's, which is about what is there; at first it is the same.
const welcomeState = urlSchema({ shipper: text("curl"), owner: text(tenantOf(location.search)) });
const everyMs = 2000;
const lately = 15 * 60_000;

/** How data gets here, with snippets that are ready to paste and a look at what arrives. */
export function WelcomePage() {
  const setup = useRouterState({ select: (state) => (state.location.search as RawSearch).setup });
  if (typeof setup === "string" && setup !== "") return <SetupForm secret={setup} />;
  return <AddData />;
}

/** The tiles of all senders, and the chosen one's snippet. */
export function AddData() {
  usePageTitle("Add data", "");
  const [{ shipper, owner: tenant }, set] = useUrlState(welcomeState);
  const before = useRef<Received | undefined>(undefined);
  const now = useQuery({
    queryKey: ["onboarding"],
    queryFn: async ({ signal }) => {
      const answer = await received(signal);
      before.current ??= answer;
      return { answer, before: before.current };
    },
    refetchInterval: everyMs,
  });
  const token = useMutation({ mutationFn: () => addToken({ name: senderName(new Date()), scopes: ["metrics:write", "logs:write", "traces:write"], tenant }) });
  const made = token.data?.token ?? "";
  const chosen = shippers.find(({ id }) => id === shipper) ?? shippers[0];
  if (!chosen) return null;
  const target = { origin: baseURL(), token: made || (boot.auth ? "YOUR_TOKEN" : ""), tenant };
  return (
    <div className={classes.page}>
      <p className={classes.lead}>{now.data?.answer.empty ? "Nothing has arrived yet. Choose what sends, paste its snippet, and see it turn green." : "Choose what sends, paste its snippet, and see it arrive."}</p>
      <div className={classes.columns}>
        <ul className={classes.tiles} aria-label="Senders">
          {shippers.map((one) => {
            const { state } = arrivalOf(one.protocols, now.data?.before, now.data?.answer);
            return (
              <li key={one.id}>
                <button type="button" className={classes.tile} aria-pressed={one.id === chosen.id} data-state={one.protocols.length > 0 ? state : undefined} onClick={() => set({ shipper: one.id }, { replace: true })}>
                  <span className={classes.name}>{one.title}</span>
                  <span className={classes.note}>{one.note}</span>
                </button>
              </li>
            );
          })}
        </ul>
        <section className={classes.detail} aria-label={chosen.title}>
          <h2 className={classes.heading}>{chosen.title}</h2>
          <p>{chosen.where}</p>
          {boot.auth && (
            <div className={classes.row}>
              <Button variant="default" loading={token.isPending} onClick={() => token.mutate()}>
                {made === "" ? "Make a token for it" : "Make another token"}
              </Button>
              <TextInput aria-label="Tenant" placeholder="Tenant, if you have several" value={tenant} onChange={(event) => set({ owner: event.currentTarget.value }, { replace: true })} />
            </div>
          )}
          {made !== "" && <p>The token is in the snippet. It is shown this once.</p>}
          {token.isError && <Failure error={token.error} what="Making a token" />}
          <Snippet shipper={chosen} text={chosen.snippet(target)} />
          {chosen.protocols.length > 0 && <Checker shipper={chosen} before={now.data?.before} now={now.data?.answer} />}
          {now.isError && <Failure error={now.error} retry={now.refetch} what="Looking for new data" />}
        </section>
      </div>
    </div>
  );
}

function Snippet({ shipper, text: snippet }: { shipper: Shipper; text: string }) {
  return (
    <figure className={classes.snippet} aria-label={shipper.file}>
      <figcaption className={classes.caption}>
        <code>{shipper.file}</code>
        <Button size="compact-xs" variant="default" onClick={() => void copyText(snippet).then(() => announce("Copied."))}>
          Copy
        </Button>
      </figcaption>
      {/* It scrolls sideways, by the keyboard too. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0}>{snippet}</pre>
    </figure>
  );
}

/** Says what has come by the sender's protocols since the page was opened. */
function Checker({ shipper, before, now }: { shipper: Shipper; before: Received | undefined; now: Received | undefined }) {
  const { state, rows, senders, last, refusal } = arrivalOf(shipper.protocols, before, now);
  return (
    <div className={classes.checker} data-state={state} role="status">
      {state === "waiting" && "Waiting for the first rows…"}
      {state === "arrived" && `Received ${rows.map(([signal, count]) => `${group(count)} rows of ${signal}${fromWhom(senders.get(signal))}`).join(", ")}, the newest ${age(last, Date.now())}.`}
      {refusal !== "" && <div className={classes.refusal}>Refused: {refusal}</div>}
      {state === "arrived" && <Next rows={rows} />}
    </div>
  );
}

/** The last to send, and how many others. */
function fromWhom(senders: readonly string[] = []): string {
  const [last, ...others] = senders;
  if (last === undefined) return "";
  return ` from ${last}${others.length === 0 ? "" : ` and ${others.length} more`}`;
}

const places: Record<string, [to: string, label: string]> = {
  metrics: ["/explore/metrics", "See the metrics"],
  logs: ["/explore/logs", "See the lines"],
  spans: ["/explore/traces", "See the traces"],
};

/** What to do with what has come. */
function Next({ rows }: { rows: readonly [signal: string, count: number][] }) {
  const { refresh } = useTime(); // what has come is newer than the range that the page was opened with
  const signals = rows.map(([signal]) => signal);
  const fitting = useQuery({
    queryKey: ["onboarding", "fitting", ...signals],
    queryFn: async ({ signal }) => {
      const range = { from: Date.now() - lately, to: Date.now() };
      const [metrics, { services }] = await Promise.all([signals.includes("metrics") ? labelValues("__name__", range, signal) : [], listServices(range, signal)]);
      const come = metrics.filter((name) => !/^(?:oriel|go|process|promhttp)_/.test(name));
      return suggestions({ signals, metrics: come, service: services.find(({ name }) => name !== "oriel")?.name ?? "" });
    },
    // Who sends is known a little after what they send has come.
    refetchInterval: everyMs * 5,
    retry: false,
  });
  return (
    <div className={classes.next}>
      {(fitting.data ?? []).map(({ title, place }) => (
        <Link key={title} {...place} onClick={refresh}>
          {title}
        </Link>
      ))}
      {rows.map(([signal]) => {
        const [to, label] = places[signal] ?? ["/", "Go to the overview"];
        return (
          <Link key={signal} to={to} onClick={refresh}>
            {label}
          </Link>
        );
      })}
    </div>
  );
}
