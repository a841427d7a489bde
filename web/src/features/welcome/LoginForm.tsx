import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { signIn } from "../../api/auth";
import { boot } from "../../lib/boot";
import { Failure } from "../../components/status";
import { startOf } from "./providers";
import classes from "./welcome.module.css";

interface LoginFormProps {
  onDone: () => void;
  /** Path below the prefix that a provider sends people back to. */
  next: string;
}

/** A refusal as a sentence, without the kind that the server names at its end. */
function plain({ message }: Error): string {
  const text = message.replace(/: unauthenticated$/, "");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Asks for name and password, and for the code of an authenticator once the server wants one. */
export function LoginForm({ onDone, next }: LoginFormProps) {
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const login = useMutation({ mutationFn: signIn, onSuccess: onDone });
  const wantsCode = code !== "" || (login.error !== null && /code|totp|factor/i.test(login.error.message));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    login.mutate({ user, password, ...(code === "" ? {} : { code }) });
  };
  return (
    <form className={classes.form} onSubmit={submit} aria-label="Sign in">
      <TextInput label="User" name="username" autoComplete="username" required value={user} onChange={(event) => setUser(event.currentTarget.value)} data-autofocus />
      <PasswordInput label="Password" name="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
      {wantsCode && <TextInput label="Code of your authenticator, or a recovery code" name="code" autoComplete="one-time-code" inputMode="numeric" value={code} onChange={(event) => setCode(event.currentTarget.value)} />}
      {login.isError && (wantsCode && code === "" ? <div role="status">{plain(login.error)}</div> : <Failure error={new Error(plain(login.error))} />)}
      <Button type="submit" size="sm" loading={login.isPending}>
        Sign in
      </Button>
      {boot.providers.map((one) => (
        <Button key={one.name} component="a" size="sm" variant="default" href={startOf(one.name, next)}>
          Sign in with {one.title}
        </Button>
      ))}
    </form>
  );
}
