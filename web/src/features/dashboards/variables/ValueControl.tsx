import { Button, Popover, TextInput } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useId, useMemo, useRef, useState, type KeyboardEvent } from "react";

import type { VariableOption } from "../../../lib/dashboard/model";
import { allText, allValue } from "../../../lib/dashboard/sourceFormat";
import type { VariableState } from "../../../lib/dashboard/variables";
import classes from "./variables.module.css";

interface ValueControlProps {
  label: string;
  state: VariableState;
  onChoose: (values: readonly string[]) => void;
}

/**
 * A variable with a list. Of one that takes several values each is ticked, and the choice holds when the list closes.
 * A value that is not listed can be typed; several are pasted with commas between.
 */
export function ValueControl({ label, state, onChoose }: ValueControlProps) {
  const [draft, setDraft] = useState<readonly string[] | null>(null);
  const { model, options, chosen } = state;
  const open = draft !== null;
  const values = draft ?? chosen;

  const close = (): void => {
    if (draft && model.multi && JSON.stringify(draft) !== JSON.stringify(chosen)) onChoose(draft.length === 0 && model.includeAll ? [allValue] : draft);
    setDraft(null);
  };
  const pick = (value: string): void => {
    if (!model.multi) {
      setDraft(null);
      if (value !== chosen[0]) onChoose([value]);
    } else setDraft(toggled(values, value));
  };

  return (
    <Popover opened={open} onChange={(next) => !next && close()} position="bottom-start" width={300} trapFocus withinPortal transitionProps={{ duration: 0 }}>
      <Popover.Target>
        <button type="button" className={classes.value} aria-label={`${label}: ${summary(state)}`} aria-haspopup="listbox" aria-expanded={open} data-error={state.error === undefined ? undefined : true} onClick={() => (open ? close() : setDraft(chosen))}>
          <span>{summary(state)}</span>
          <span aria-hidden="true">▾</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        {open && <List label={label} state={state} values={values} onPick={pick} onValues={(next) => (model.multi ? setDraft(next) : pick(next[0] ?? ""))} onClose={close} options={withAll(options, model.includeAll)} />}
      </Popover.Dropdown>
    </Popover>
  );
}

/** All and single values exclude each other. */
function toggled(values: readonly string[], value: string): string[] {
  if (value === allValue) return values.includes(allValue) ? [] : [allValue];
  const singles = values.filter((one) => one !== allValue);
  return singles.includes(value) ? singles.filter((one) => one !== value) : [...singles, value];
}

function withAll(options: readonly VariableOption[], includeAll: boolean): readonly VariableOption[] {
  return includeAll ? [{ text: allText, value: allValue }, ...options] : options;
}

function summary({ options, chosen, model }: VariableState): string {
  if (chosen.includes(allValue)) return allText;
  const texts = chosen.map((value) => options.find((one) => one.value === value)?.text ?? value);
  if (texts.length === 0 || (texts.length === 1 && texts[0] === "")) return model.multi ? "None" : "–";
  return texts.length > 3 ? `${texts.slice(0, 2).join(" + ")} + ${texts.length - 2} more` : texts.join(" + ");
}

interface ListProps {
  label: string;
  state: VariableState;
  options: readonly VariableOption[];
  values: readonly string[];
  onPick: (value: string) => void;
  onValues: (values: readonly string[]) => void;
  onClose: () => void;
}

const rowHeight = 26;

function List({ label, state, options, values, onPick, onValues, onClose }: ListProps) {
  const [find, setFind] = useState("");
  const [active, setActive] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const { multi } = state.model;
  const matching = useMemo(() => {
    const words = find.toLowerCase().split(/\s+/).filter(Boolean);
    return options.filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
  }, [options, find]);
  const virtual = useVirtualizer({ count: matching.length, estimateSize: () => rowHeight, getScrollElement: () => scroller.current, overscan: 8 });

  const move = (to: number): void => {
    const next = Math.max(0, Math.min(matching.length - 1, to));
    setActive(next);
    virtual.scrollToIndex(next);
  };
  const onKey = (event: KeyboardEvent): void => {
    const pasted = find.split(",").map((one) => one.trim()).filter(Boolean);
    const current = matching[active];
    if (event.key === "ArrowDown") move(active + 1);
    else if (event.key === "ArrowUp") move(active - 1);
    else if (event.key === "Escape") onClose();
    else if (event.key === "Enter" && multi && pasted.length > 1) onValues([...new Set([...values.filter((one) => one !== allValue), ...pasted])]);
    else if (event.key === "Enter" && current) onPick(current.value);
    else if (event.key === "Enter" && find.trim() !== "") onPick(find.trim());
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <>
      <TextInput
        data-autofocus
        role="combobox"
        tabIndex={0}
        aria-label={`Find a value of ${label}`}
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={matching[active] ? `${id}-${active}` : undefined}
        placeholder={multi ? "Find, or paste a list" : "Find, or type another"}
        value={find}
        onChange={(event) => {
          setFind(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKey}
      />
      {state.error !== undefined && (
        <div className={classes.hint} data-kind="error">
          {state.error}
        </div>
      )}
      <div ref={scroller} className={classes.options} role="listbox" id={id} aria-label={label} aria-multiselectable={multi} tabIndex={-1}>
        <div style={{ position: "relative", height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const option = matching[index];
            if (!option) return null;
            const selected = values.includes(option.value);
            return (
              // The keys are those of the field above.
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
              <div
                key={option.value}
                id={`${id}-${index}`}
                role="option"
                aria-selected={selected}
                tabIndex={-1}
                className={classes.option}
                data-active={index === active || undefined}
                style={{ position: "absolute", top: start, left: 0 }}
                title={option.text}
                onClick={() => onPick(option.value)}
                onMouseMove={() => setActive(index)}
              >
                {multi && <input type="checkbox" readOnly checked={selected} tabIndex={-1} aria-hidden="true" />}
                <span>{option.text === "" ? "(empty)" : option.text}</span>
              </div>
            );
          })}
        </div>
        {matching.length === 0 && <div className={classes.hint}>{find === "" ? "There are no values in this range." : "No value matches. Enter takes the text as it is."}</div>}
      </div>
      {multi && (
        <div className={classes.tools}>
          <Button variant="subtle" onClick={() => onValues([])}>
            Clear
          </Button>
          <Button variant="default" onClick={onClose}>
            Apply
          </Button>
        </div>
      )}
    </>
  );
}
