import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useRouterState } from "@tanstack/react-router";
import { useRef } from "react";

import { addToken } from "../../api/auth";
import { baseURL } from "../../api/client";
import { received, type Received } from "../../api/onboarding";
import { announce } from "../../components/announce";
import { copyText } from "../../components/clipboard";
import { usePageTitle } from "../../components/pageTitle";
import { Failure } from "../../components/status";
import { useTime } from "../../components/time/TimeContext";
import { useUrlState } from "../../components/useUrlState";
import { boot } from "../../lib/boot";
import { age } from "../../lib/timeFormat";
import { group } from "../../lib/units";
import { text, urlSchema, type RawSearch } from "../../lib/urlState";
import { arrivalOf } from "./arrival";
import { SetupForm } from "./SetupForm";
import { senderName, shippers, type Shipper } from "./snippets";
import classes from "./welcome.module.css";

const welcomeState = urlSchema({ shipper: text("curl"), tenant: text("") });
const everyMs = 2000;

/** How data gets here, with snippets that are ready to paste and a look at what arrives. */
export function WelcomePage() {
  const setup = useRouterState({ select: (state) => (state.location.search as RawSearch).setup });
  if (typeof setup === "string" && setup !== "") return <SetupForm secret={setup} />;
  return <AddData />;
}

/** The tiles of all senders, and the chosen one's snippet. */
export function AddData() {
  usePageTitle("Add data", "");
  const [{ shipper, tenant }, set] = useUrlState(welcomeState);
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
              <TextInput aria-label="Tenant" placeholder="Tenant, if you have several" value={tenant} onChange={(event) => set({ tenant: event.currentTarget.value }, { replace: true })} />
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
  const { state, rows, last, refusal } = arrivalOf(shipper.protocols, before, now);
  return (
    <div className={classes.checker} data-state={state} role="status">
      {state === "waiting" && "Waiting for the first rows…"}
      {state === "arrived" && `Received ${rows.map(([signal, count]) => `${group(count)} rows of ${signal}`).join(", ")}, the newest ${age(last, Date.now())}.`}
      {refusal !== "" && <div className={classes.refusal}>Refused: {refusal}</div>}
      {state === "arrived" && <Next rows={rows} />}
    </div>
  );
}

const places: Record<string, [to: string, label: string]> = {
  metrics: ["/explore/metrics", "See the metrics"],
  logs: ["/explore/logs", "See the lines"],
  spans: ["/explore/traces", "See the traces"],
};

/** What to do with what has come. */
function Next({ rows }: { rows: readonly [signal: string, count: number][] }) {
  const { refresh } = useTime(); // what has come is newer than the range that the page was opened with
  return (
    <div className={classes.next}>
      {rows.map(([signal]) => {
        const [to, label] = places[signal] ?? ["/", "Go to the overview"];
        return (
          <Link key={signal} to={to} onClick={refresh}>
            {label}
          </Link>
        );
      })}
      <Link to="/services">Services</Link>
      <Link to="/dashboards">Dashboards</Link>
    </div>
  );
}
