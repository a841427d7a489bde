import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { setUp } from "../../api/auth";
import { Failure } from "../../components/status";
import { boot } from "../../lib/boot";
import classes from "./welcome.module.css";

const shortest = 12;

/** Makes the first administrator, by the link that the server printed when it started. */
export function SetupForm({ secret }: { secret: string }) {
  const [user, setUser] = useState("admin");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const make = useMutation({
    mutationFn: () => setUp(secret, user, password),
    onSuccess: () => location.assign(`${boot.prefix}/welcome`),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  const differs = again !== "" && again !== password;
  return (
    <div className={classes.alone}>
      <h2 className={classes.brand}>The first administrator</h2>
      <form className={classes.form} onSubmit={submit} aria-label="First administrator">
        <TextInput label="User" autoComplete="username" required value={user} onChange={(event) => setUser(event.currentTarget.value)} />
        <PasswordInput label="Password" description={`At least ${shortest} characters; a sentence is fine.`} autoComplete="new-password" required minLength={shortest} value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
        <PasswordInput label="Password again" autoComplete="new-password" required value={again} error={differs ? "The two differ." : undefined} onChange={(event) => setAgain(event.currentTarget.value)} />
        {make.isError && <Failure error={make.error} />}
        <Button type="submit" size="sm" loading={make.isPending} disabled={password.length < shortest || again !== password}>
          Make the account
        </Button>
      </form>
    </div>
  );
}
