import { Button, PasswordInput, SegmentedControl, Select, Switch } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";

import { changePassword, whoAmI } from "../../api/auth";
import { announce } from "../../components/announce";
import { Failure } from "../../components/status";
import { ZoneSelect } from "../../components/time/ZoneSelect";
import { usePrefs } from "../../components/usePrefs";
import { boot } from "../../lib/boot";
import { pages } from "../../lib/pages";
import classes from "./settings.module.css";

/** What this browser's user likes. */
export function Profile() {
  const [prefs, change] = usePrefs();
  const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => whoAmI(signal), enabled: boot.auth });
  const user = me.data?.name ?? "";
  return (
    <div className={classes.box}>
      <p className={classes.muted}>Kept in this browser{user === "" ? "" : `; you are signed in as ${user}`}.</p>
      <Line label="Theme">
        <SegmentedControl
          aria-label="Theme"
          value={prefs.theme}
          onChange={(theme) => change({ theme: theme as typeof prefs.theme })}
          data={[
            { value: "system", label: "System" },
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
            { value: "contrast", label: "High contrast" },
          ]}
        />
      </Line>
      <Line label="Density">
        <SegmentedControl
          aria-label="Density"
          value={prefs.density}
          onChange={(density) => change({ density: density as typeof prefs.density })}
          data={[
            { value: "default", label: "Default" },
            { value: "compact", label: "Compact" },
          ]}
        />
      </Line>
      <Line label="Times" hint="Where a link names no zone.">
        <ZoneSelect tz={prefs.zone} onTz={(zone) => change({ zone })} />
      </Line>
      <Line label="Start page" hint="What opens without an address.">
        <Select aria-label="Start page" data={pages.map(({ to, title }) => ({ value: to, label: title }))} value={prefs.start} onChange={(start) => change({ start: start ?? "/" })} />
      </Line>
      <Line label="Single-key shortcuts" hint="Keys such as r and g o. Those with Ctrl always work.">
        <Switch aria-label="Single-key shortcuts" checked={prefs.shortcuts} onChange={(event) => change({ shortcuts: event.currentTarget.checked })} />
      </Line>
      {me.data?.local && <Password />}
    </div>
  );
}

function Line({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className={classes.line}>
      <div>
        <div>{label}</div>
        {hint && <div className={classes.muted}>{hint}</div>}
      </div>
      <div className={classes.control}>{children}</div>
    </div>
  );
}

function Password() {
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const save = useMutation({
    mutationFn: () => changePassword(old, next),
    onSuccess: () => {
      setOld("");
      setNext("");
      announce("Password changed. Other sessions have ended.");
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className={classes.form} onSubmit={submit} aria-label="Password">
      <h2 className={classes.heading}>Password</h2>
      <PasswordInput label="Now" autoComplete="current-password" required value={old} onChange={(event) => setOld(event.currentTarget.value)} />
      <PasswordInput label="From now on" description="At least 12 characters." autoComplete="new-password" required minLength={12} value={next} onChange={(event) => setNext(event.currentTarget.value)} />
      {save.isError && <Failure error={save.error} />}
      <Button type="submit" loading={save.isPending} disabled={next.length < 12}>
        Change the password
      </Button>
    </form>
  );
}
