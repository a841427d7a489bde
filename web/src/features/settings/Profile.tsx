import { Button, PasswordInput, Select, Switch } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { changePassword, whoAmI } from "../../api/auth";
import { announce } from "../../components/announce";
import { Failure } from "../../components/status";
import { ZoneSelect } from "../../components/time/ZoneSelect";
import { usePrefs } from "../../components/usePrefs";
import { boot } from "../../lib/boot";
import { pages } from "../../lib/pages";
import { Line } from "./Line";
import { SecondFactor } from "./SecondFactor";
import { UserField } from "./UserField";
import classes from "./settings.module.css";

/** What this browser's user likes, and how they sign in. */
export function Profile() {
  const [prefs, change] = usePrefs();
  const me = useQuery({ queryKey: ["me"], queryFn: ({ signal }) => whoAmI(signal), enabled: boot.auth });
  const user = me.data?.name ?? "";
  return (
    <div className={classes.box}>
      <p className={classes.muted}>Kept in this browser{user === "" ? "" : `; you are signed in as ${user}`}.</p>
      <Line label="Times" hint="Where a link names no zone.">
        <ZoneSelect tz={prefs.zone} onTz={(zone) => change({ zone })} />
      </Line>
      <Line label="Start page" hint="What opens without an address.">
        <Select aria-label="Start page" data={pages.map(({ to, title }) => ({ value: to, label: title }))} value={prefs.start} onChange={(start) => change({ start: start ?? "/" })} />
      </Line>
      <Line label="Single-key shortcuts" hint="Keys such as r and g o. Those with Ctrl always work.">
        <Switch aria-label="Single-key shortcuts" checked={prefs.shortcuts} onChange={(event) => change({ shortcuts: event.currentTarget.checked })} />
      </Line>
      {me.data?.local && <Password user={user} />}
      {me.data?.local && <SecondFactor user={user} on={me.data.totp} codes={me.data.recoveryCodes} />}
    </div>
  );
}

function Password({ user }: { user: string }) {
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
      <UserField name={user} />
      <PasswordInput w={220} label="Now" autoComplete="current-password" required value={old} onChange={(event) => setOld(event.currentTarget.value)} />
      <PasswordInput w={220} label="From now on" description="At least 12 characters." autoComplete="new-password" required minLength={12} value={next} onChange={(event) => setNext(event.currentTarget.value)} />
      {save.isError && <Failure error={save.error} />}
      <Button type="submit" loading={save.isPending} disabled={next.length < 12}>
        Change the password
      </Button>
    </form>
  );
}
