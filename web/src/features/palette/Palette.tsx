import { Kbd, Modal } from "@mantine/core";
import { useDeferredValue, useId, useMemo, useState, type KeyboardEvent } from "react";

import { useFocusBack } from "../../components/useFocusBack";
import { rank, readInput, type Entry, type Kind } from "../../lib/palette";
import { useEntries } from "./useEntries";
import classes from "./Palette.module.css";

const names: Record<Kind, string> = {
  action: "Actions",
  page: "Pages",
  service: "Services",
  dashboard: "Dashboards",
  alert: "Alerts",
  metric: "Metrics",
  query: "Queries",
  help: "Help",
};

/** Goes anywhere and does anything by its name. */
export function Palette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  useFocusBack();
  return (
    <Modal.Root opened onClose={onClose} size="lg" yOffset="8vh" classNames={{ content: classes.dialog }} transitionProps={{ duration: 0 }} lockScroll={false}>
      <Modal.Overlay backgroundOpacity={0.3} />
      <Modal.Content aria-label="Palette">
        <Chooser onClose={onClose} onHelp={onHelp} />
      </Modal.Content>
    </Modal.Root>
  );
}

function Chooser({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const { entries, pasted, pending } = useEntries(text, onHelp);
  const asked = useDeferredValue(text);
  const found = useMemo(() => [...pasted, ...rank(entries, asked)], [entries, pasted, asked]);
  const list = useId();
  const at = Math.min(chosen, found.length - 1);

  const run = (entry: Entry | undefined): void => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const move = (to: number): void => {
    const next = (to + found.length) % Math.max(found.length, 1);
    setChosen(next);
    document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Record<string, () => void> = {
      ArrowDown: () => move(at + 1),
      ArrowUp: () => move(at - 1),
      PageDown: () => move(Math.min(at + 10, found.length - 1)),
      PageUp: () => move(Math.max(at - 10, 0)),
      // What was found may be of what stood here a moment ago.
      Enter: () => run(asked === text ? found[at] : [...pasted, ...rank(entries, text)][0]),
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  };

  return (
    <>
      <input
        className={classes.input}
        role="combobox"
        aria-label="Go to, or do"
        aria-expanded="true"
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 ? `${list}-${at}` : undefined}
        data-autofocus
        autoComplete="off"
        spellCheck={false}
        placeholder="Page, service, dashboard, metric, alert… or paste a trace id, a time, a query, a link"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={list} role="listbox" aria-label="Found" className={classes.list} aria-busy={pending} tabIndex={-1}>
        {found.map((entry, index) => (
          <div key={entry.id} role="presentation">
            {(index === 0 || found[index - 1]?.kind !== entry.kind) && (
              <div role="presentation" className={classes.kind}>
                {names[entry.kind]}
              </div>
            )}
            <div
              id={`${list}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              className={classes.entry}
              onMouseMove={() => index !== at && setChosen(index)}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => run(entry)}
              onKeyDown={onKeyDown}
            >
              <span className={classes.title}>{entry.title}</span>
              {entry.note && <span className={classes.note}>{entry.note}</span>}
              {entry.keys && (
                <span className={classes.keys}>
                  {entry.keys.split(" ").map((key) => (
                    <Kbd key={key} size="xs">
                      {key}
                    </Kbd>
                  ))}
                </span>
              )}
            </div>
          </div>
        ))}
        {found.length === 0 && <div className={classes.none}>{pending ? "Asking the server…" : `Nothing is called “${readInput(text).words}”.`}</div>}
      </div>
      <div className={classes.foot}>
        <span>
          <code>&gt;</code> action
        </span>
        <span>
          <code>@</code> service
        </span>
        <span>
          <code>#</code> dashboard
        </span>
        <span>
          <code>:</code> metric
        </span>
      </div>
    </>
  );
}
