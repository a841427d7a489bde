import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState, type FormEvent } from "react";

import { confirmFactor, disableFactor, offerFactor, type OfferedFactor } from "../../api/auth";
import { announce } from "../../components/announce";
import { copyText } from "../../components/clipboard";
import { saveText } from "../../components/saveText";
import { Failure } from "../../components/status";
import { UserField } from "./UserField";
import classes from "./settings.module.css";

// The picture is for the one moment in which an authenticator is added.
const Picture = lazy(() => import("./QrCode").then((loaded) => ({ default: loaded.QrCode })));

/** The codes of an authenticator besides the password: switched on in three steps, and off with the password. */
export function SecondFactor({ user, on, codes }: { user: string; on: boolean; codes: number }) {
  const queries = useQueryClient();
  const [made, setMade] = useState<readonly string[]>([]);
  const known = (): void => void queries.invalidateQueries({ queryKey: ["me"] });
  return (
    <section aria-label="Second factor">
      <h2 className={classes.heading}>Second factor</h2>
      {made.length > 0 ? (
        <RecoveryCodes codes={made} onDone={() => setMade([])} />
      ) : on ? (
        <Disable user={user} codes={codes} onDone={known} />
      ) : (
        <Enrol
          user={user}
          onDone={(codesMade) => {
            setMade(codesMade);
            known();
          }}
        />
      )}
    </section>
  );
}

function Enrol({ user, onDone }: { user: string; onDone: (codes: string[]) => void }) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const offer = useMutation({ mutationFn: () => offerFactor(password), onSuccess: () => setPassword("") });
  const confirm = useMutation({ mutationFn: () => confirmFactor(code), onSuccess: onDone });
  const submit = (run: () => void) => (event: FormEvent) => {
    event.preventDefault();
    run();
  };
  if (!offer.data) {
    return (
      <>
        <p className={classes.muted}>Signing in asks for a code of an authenticator app besides the password.</p>
        <form className={classes.form} aria-label="Add a second factor" onSubmit={submit(() => offer.mutate())}>
          <UserField name={user} />
          <PasswordInput w={220} label="Password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
          <Button type="submit" loading={offer.isPending}>
            Add an authenticator
          </Button>
        </form>
        {offer.isError && <Failure error={offer.error} />}
      </>
    );
  }
  return (
    <form className={classes.form} aria-label="Confirm the second factor" onSubmit={submit(() => confirm.mutate())}>
      <Offered factor={offer.data} />
      <TextInput
        label="Code that it shows now"
        autoComplete="one-time-code"
        inputMode="numeric"
        pattern="[0-9 ]{6,7}"
        required
        data-autofocus
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <Button type="submit" loading={confirm.isPending}>
        Switch it on
      </Button>
      <Button variant="default" onClick={() => offer.reset()}>
        Cancel
      </Button>
      {confirm.isError && <Failure error={confirm.error} />}
    </form>
  );
}

function Offered({ factor: { secret, uri } }: { factor: OfferedFactor }) {
  return (
    <div className={classes.factor}>
      <Suspense fallback={<div className={classes.picture} />}>
        <Picture text={uri} label="The second factor as a QR code, for an authenticator app to scan" />
      </Suspense>
      <div>
        <p>Scan it with an authenticator app, or type the key:</p>
        <code className={classes.secret}>{secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>{" "}
        <Button size="compact-xs" variant="default" onClick={() => void copyText(secret).then(() => announce("Key copied."))}>
          Copy
        </Button>
      </div>
    </div>
  );
}

function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const text = codes.join("\n");
  return (
    <div role="status">
      <p>
        The second factor is on. Keep these recovery codes where you will find them without the authenticator: each signs in once, and they are shown this
        once.
      </p>
      <ul className={classes.codes} aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <Button variant="default" mr={8} onClick={() => void copyText(text).then(() => announce("Recovery codes copied."))}>
        Copy
      </Button>
      <Button variant="default" mr={8} onClick={() => saveText(`${text}\n`, "oriel-recovery-codes.txt", "text/plain;charset=utf-8")}>
        Download
      </Button>
      <Button onClick={onDone}>I have kept them</Button>
    </div>
  );
}

function Disable({ user, codes, onDone }: { user: string; codes: number; onDone: () => void }) {
  const [password, setPassword] = useState("");
  const off = useMutation({
    mutationFn: () => disableFactor(password),
    onSuccess: () => {
      announce("The second factor is off. Other sessions have ended.");
      onDone();
    },
  });
  return (
    <>
      <p>
        It is on, with {codes} recovery {codes === 1 ? "code" : "codes"} left.
        {codes < 3 && " For new ones switch it off and on again."}
      </p>
      <form
        className={classes.form}
        aria-label="Switch the second factor off"
        onSubmit={(event) => {
          event.preventDefault();
          off.mutate();
        }}
      >
        <UserField name={user} />
        <PasswordInput w={220} label="Password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
        <Button type="submit" color="error" variant="default" loading={off.isPending}>
          Switch it off
        </Button>
      </form>
      {off.isError && <Failure error={off.error} />}
    </>
  );
}
