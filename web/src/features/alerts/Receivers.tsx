import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { testReceiver } from "../../api/alertdesk";
import { TestResults } from "./routing/TestResults";
import { integrationsOf } from "./useMuteReceivers";
import alertClasses from "./alerts.module.css";
import classes from "./routing.module.css";

/** Receivers with their configuration, secrets left out, and a test of each. */
export function Receivers({ receivers }: { receivers: readonly { name: string; config: string }[] }) {
  return (
    <ul className={classes.plain} aria-label="Receivers">
      {receivers.map((one) => (
        <li key={one.name}>
          <Receiver {...one} />
        </li>
      ))}
    </ul>
  );
}

function Receiver({ name, config }: { name: string; config: string }) {
  const [open, setOpen] = useState(false);
  const test = useMutation({ mutationFn: () => testReceiver(name) });
  const kinds = integrationsOf(config);
  return (
    <>
      <div className={alertClasses.cardHead}>
        <b>{name}</b>
        <span className={classes.muted}>{kinds.length === 0 ? "tells nobody" : kinds.join(", ")}</span>
        <span className={alertClasses.links}>
          <button type="button" className={alertClasses.textButton} aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Hide configuration" : "Configuration"}
          </button>
          <Button size="compact-xs" variant="default" disabled={kinds.length === 0} loading={test.isPending} onClick={() => test.mutate()} aria-label={`Send test to ${name}`}>
            Send test
          </Button>
        </span>
      </div>
      <TestResults of={name} results={test.data} error={test.error} />
      {open && <pre className={classes.yaml}>{config}</pre>}
    </>
  );
}
