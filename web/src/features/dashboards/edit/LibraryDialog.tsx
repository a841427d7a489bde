import { Modal, TextInput } from "@mantine/core";
import { useState } from "react";

import type { Obj } from "../../../lib/dashboard/json";
import { starters, startersFor, type Starter } from "./starters";
import classes from "./edit.module.css";

const groups = [...new Set(starters.map((one) => one.of))];

/** Panels that are made already, to choose one from. */
export function LibraryDialog({ onClose, onChoose }: { onClose: () => void; onChoose: (panel: Obj) => void }) {
  const [find, setFind] = useState("");
  const found = startersFor(find);
  return (
    <Modal opened onClose={onClose} title="Library of panels" size="xl" transitionProps={{ duration: 120 }}>
      <TextInput aria-label="Find a panel" placeholder="Find a panel: latency, disk, errors …" data-autofocus value={find} onChange={(event) => setFind(event.currentTarget.value)} />
      {groups.map((group) => {
        const own = found.filter((one) => one.of === group);
        return own.length === 0 ? null : <Group key={group} title={group} starters={own} onChoose={onChoose} />;
      })}
      {found.length === 0 && <p className={classes.note}>No panel has these words. A panel from a query can be anything.</p>}
    </Modal>
  );
}

function Group({ title, starters: own, onChoose }: { title: string; starters: readonly Starter[]; onChoose: (panel: Obj) => void }) {
  return (
    <section aria-label={title}>
      <h3 className={classes.group}>{title}</h3>
      <div className={classes.cards}>
        {own.map((one) => (
          <button key={one.title} type="button" className={classes.card} onClick={() => onChoose(one.make())}>
            <b>{one.title}</b>
            <span className={classes.note}>{one.about}</span>
          </button>
        ))}
      </div>
    </section>
  );
}
