import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import IconArrowBackUp from "@tabler/icons-react/dist/esm/icons/IconArrowBackUp.mjs";
import IconArrowForwardUp from "@tabler/icons-react/dist/esm/icons/IconArrowForwardUp.mjs";
import { useEffect, useState } from "react";

import { useUrlState } from "../../../components/useUrlState";
import { addPanel, addRow } from "../../../lib/dashboard/edit";
import type { Obj } from "../../../lib/dashboard/json";
import { panelTypes } from "../../../viz/registry";
import { dashboardState } from "../state";
import type { OpenDashboard } from "../useDashboard";
import type { Editor } from "./EditorContext";
import { JsonDialog } from "./JsonDialog";
import { LibraryDialog } from "./LibraryDialog";
import { pastedPanel } from "./pastedPanel";
import { SaveDialog } from "./SaveDialog";
import { SettingsDialog } from "./settings/SettingsDialog";
import { newPanel } from "./starters";
import type { Draft } from "./useDraft";
import { VariablesDialog } from "./settings/VariablesDialog";
import { VersionsDialog } from "./VersionsDialog";
import classes from "./edit.module.css";

interface EditBarProps {
  uid: string;
  open: OpenDashboard;
  draft: Draft;
  link: Editor["link"];
  /** Another version has been stored from here, which replaces the draft. */
  onStored: () => void;
}

type Dialog = "library" | "save" | "json" | "versions" | "settings" | "variables";

/** The tools of edit mode: add, undo, settings, save, leave. */
export function EditBar({ uid, open, draft, link, onStored }: EditBarProps) {
  const [, set] = useUrlState(dashboardState);
  const client = useQueryClient();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [problem, setProblem] = useState("");
  const close = (): void => setDialog(null);
  useLeaveGuard(draft.changed);
  useEditKeys(draft, () => setDialog("save"));

  const add = (panel: Obj): void => {
    const { raw, id } = addPanel(draft.raw, panel);
    draft.apply(() => raw);
    set({ editPanel: String(id) });
  };
  const take = (text: string): void => {
    const panel = pastedPanel(text);
    setProblem(typeof panel === "string" ? panel : "");
    if (typeof panel !== "string") draft.apply((raw) => addPanel(raw, panel).raw);
  };
  const paste = async (): Promise<void> => {
    try {
      take(await navigator.clipboard.readText());
    } catch {
      setProblem("The browser does not let the page read what was copied. Ctrl V on the dashboard pastes it.");
    }
  };
  usePasted(take);
  const leave = (): void => {
    draft.discard();
    set({ edit: false, editPanel: "" });
  };
  const stored = (): void => {
    onStored();
    void client.invalidateQueries({ queryKey: ["dashboard", "stored", uid] });
  };

  return (
    <div className={classes.editBar} role="toolbar" aria-label="Edit the dashboard">
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <Button variant="default">Add ▾</Button>
        </Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflow: "auto" }}>
          <Menu.Item onClick={() => add(newPanel("timeseries"))}>Panel from a query</Menu.Item>
          <Menu.Item onClick={() => setDialog("library")}>Panel from the library …</Menu.Item>
          <Menu.Item onClick={() => draft.apply((raw) => addRow(raw, "New row"))}>Row</Menu.Item>
          <Menu.Item onClick={() => void paste()} rightSection="Ctrl V">
            Paste a copied panel
          </Menu.Item>
          <Menu.Divider />
          {[...panelTypes.values()].map((type) => (
            <Menu.Item key={type.id} onClick={() => add(newPanel(type.id))}>
              {type.name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label="Undo (Ctrl Z)">
        <ActionIcon aria-label="Undo" disabled={!draft.undo} onClick={draft.undo}>
          <IconArrowBackUp size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Redo (Ctrl Shift Z)">
        <ActionIcon aria-label="Redo" disabled={!draft.redo} onClick={draft.redo}>
          <IconArrowForwardUp size={16} />
        </ActionIcon>
      </Tooltip>
      <Button variant="default" onClick={() => setDialog("settings")}>
        Settings
      </Button>
      <Button variant="default" onClick={() => setDialog("variables")}>
        Variables
      </Button>
      <Button variant="default" onClick={() => setDialog("json")}>
        JSON
      </Button>
      <Button variant="default" onClick={() => setDialog("versions")}>
        Versions
      </Button>
      {draft.changed && <span className={classes.unsaved}>Unsaved changes</span>}
      {problem !== "" && (
        <span role="alert" className={classes.note}>
          {problem}
        </span>
      )}
      <span className={classes.space} />
      <Button variant="default" onClick={leave}>
        {draft.changed ? "Discard" : "Done"}
      </Button>
      <Button disabled={!draft.changed} onClick={() => setDialog("save")}>
        Save
      </Button>
      {dialog === "save" && (
        <SaveDialog
          uid={uid}
          open={open}
          draft={draft.raw}
          onClose={close}
          onSaved={() => {
            close();
            stored();
          }}
        />
      )}
      {dialog === "library" && (
        <LibraryDialog
          onClose={close}
          onChoose={(panel) => {
            close();
            add(panel);
          }}
          onLink={(kept) => {
            close();
            const { raw, id } = addPanel(draft.raw, { gridPos: kept.model.gridPos });
            draft.apply(() => raw);
            link(id, kept);
          }}
        />
      )}
      {dialog === "json" && <JsonDialog title="The dashboard's JSON" value={draft.raw} onClose={close} onApply={(next) => draft.apply(() => next)} />}
      {dialog === "versions" && <VersionsDialog uid={uid} current={open} onClose={close} onRestored={stored} />}
      {dialog === "settings" && <SettingsDialog uid={uid} removable={open.meta.provisioned !== true} raw={draft.raw} onClose={close} onApply={(next) => draft.apply(() => next)} />}
      {dialog === "variables" && <VariablesDialog raw={draft.raw} onClose={close} onApply={(next) => draft.apply(() => next)} />}
    </div>
  );
}

/** Asks before changes that are not saved are left behind. */
function useLeaveGuard(changed: boolean): void {
  useBlocker({
    shouldBlockFn: ({ current, next }) => changed && current.pathname !== next.pathname && !confirm("Leave the page? Changes of the dashboard are not saved."),
    enableBeforeUnload: () => changed,
  });
}

/** Hands over what is pasted on the page, outside of fields. */
function usePasted(take: (text: string) => void): void {
  useEffect(() => {
    const onPaste = (event: ClipboardEvent): void => {
      if (event.target instanceof HTMLElement && event.target.closest("input, textarea, [contenteditable='true'], [role='dialog']")) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (text.trim() !== "") take(text);
    };
    document.addEventListener("paste", onPaste);
    return () => document.removeEventListener("paste", onPaste);
  }, [take]);
}

function useEditKeys(draft: Draft, save: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      const key = event.key.toLowerCase();
      if (key === "s") {
        event.preventDefault();
        if (draft.changed) save();
      } else if (key === "z" && !(event.target instanceof HTMLElement && event.target.closest("input, textarea, [contenteditable='true']"))) {
        event.preventDefault();
        if (event.shiftKey) draft.redo?.();
        else draft.undo?.();
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [draft, save]);
}
