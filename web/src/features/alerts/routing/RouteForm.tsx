import { Modal, MultiSelect, Select, Switch, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";

import type { RouteConfig, RoutingConfig } from "../../../api/routing";
import { parseDuration } from "../../../lib/duration";
import { formatMatcher, parseMatchers } from "../../../lib/matchers";
import { FormEnd } from "../FormEnd";
import { intervalsIn, namesIn } from "./draft";
import alertClasses from "../alerts.module.css";

interface RouteFormProps {
  config: RoutingConfig;
  before: RouteConfig;
  /** The root takes all alerts, at any time. */
  root: boolean;
  title: string;
  onDone: (route: RouteConfig) => void;
  onClose: () => void;
}

const waits = [
  { key: "group_wait", label: "Waits", description: "For more of a new group", usual: "30s" },
  { key: "group_interval", label: "Then every", description: "While the group changes", usual: "5m" },
  { key: "repeat_interval", label: "Repeats", description: "While nothing changes", usual: "4h" },
] as const;

const idle = { isPending: false, error: null };

/** Makes or changes one route of the draft; what is left empty comes from the route above. */
export function RouteForm({ config, before, root, title, onDone, onClose }: RouteFormProps) {
  const [receiver, setReceiver] = useState(before.receiver ?? "");
  const [matchers, setMatchers] = useState((before.matchers ?? []).join(", "));
  const [groupBy, setGroupBy] = useState((before.group_by ?? []).join(", "));
  const [times, setTimes] = useState<Record<(typeof waits)[number]["key"], string>>({
    group_wait: before.group_wait ?? "",
    group_interval: before.group_interval ?? "",
    repeat_interval: before.repeat_interval ?? "",
  });
  const [goesOn, setGoesOn] = useState(before.continue ?? false);
  const [mute, setMute] = useState(before.mute_time_intervals ?? []);
  const [active, setActive] = useState(before.active_time_intervals ?? []);

  const parsed = matchers.trim() === "" ? [] : parseMatchers(matchers);
  const badTime = Object.values(times).find((text) => text.trim() !== "" && parseDuration(text.trim()) === undefined);
  const faults = [
    parsed === undefined ? 'Matchers are written as name="value", name=~"pattern".' : "",
    root && receiver === "" ? "The route of all alerts needs a contact point." : "",
    badTime === undefined ? "" : `"${badTime}" is no duration; write 30s, 5m or 1h30m.`,
  ].filter((fault) => fault !== "");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (faults.length > 0) return;
    const next: RouteConfig = { ...before };
    const set = (key: string, value: unknown, empty: boolean): void => {
      if (empty) delete next[key];
      else next[key] = value;
    };
    set("receiver", receiver, receiver === "");
    set("matchers", parsed?.map(formatMatcher), parsed === undefined || parsed.length === 0);
    set("group_by", namesIn(groupBy), namesIn(groupBy).length === 0);
    for (const { key } of waits) set(key, times[key].trim(), times[key].trim() === "");
    set("continue", true, !goesOn);
    set("mute_time_intervals", mute, mute.length === 0);
    set("active_time_intervals", active, active.length === 0);
    onDone(next);
    onClose();
  };
  const names = intervalsIn(config).map((one) => one.name);
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeOnEscape={false} closeOnClickOutside={false}>
      <form className={alertClasses.form} onSubmit={submit}>
        {!root && <TextInput label="Matchers" data-autofocus placeholder='severity="critical", team=~"shop|bank"' description="Takes the alerts that fit all of them; without any, all" value={matchers} onChange={(event) => setMatchers(event.currentTarget.value)} />}
        <Select
          label="Contact point"
          searchable
          clearable={!root}
          placeholder={root ? undefined : "that of the route above"}
          data={config.receivers.map((one) => one.name)}
          value={receiver === "" ? null : receiver}
          onChange={(value) => setReceiver(value ?? "")}
        />
        <TextInput label="Group by" placeholder={root ? "alertname, job" : "as the route above"} description="Labels; alerts that have the same ones come in one notification. ... is each by itself" value={groupBy} onChange={(event) => setGroupBy(event.currentTarget.value)} />
        <div className={alertClasses.fields}>
          {waits.map(({ key, label, description, usual }) => (
            <TextInput key={key} label={label} description={description} placeholder={root ? usual : "as above"} value={times[key]} onChange={(event) => setTimes({ ...times, [key]: event.currentTarget.value })} />
          ))}
        </div>
        {!root && (
          <>
            <MultiSelect label="Mute at" placeholder={names.length === 0 ? "No time intervals" : ""} data={names} value={mute} onChange={setMute} />
            <MultiSelect label="Only at" placeholder={names.length === 0 ? "No time intervals" : ""} data={names} value={active} onChange={setActive} />
            <Switch size="xs" label="Continue: the next routes get these alerts, too" checked={goesOn} onChange={(event) => setGoesOn(event.currentTarget.checked)} />
          </>
        )}
        <FormEnd action="Apply" fault={faults[0] ?? ""} save={idle} onClose={onClose} />
      </form>
    </Modal>
  );
}
