import { Drawer } from "@mantine/core";
import { useEffect, useEffectEvent, type ReactNode } from "react";

import { useDrawerWidth } from "./useDrawerWidth";

interface SideDrawerProps {
  opened: boolean;
  title: string;
  onClose(): void;
  children: ReactNode;
}

/** Something more beside the page, which stays in sight and can be used. Esc closes it and nothing else of the page. */
export function SideDrawer({ opened, title, onClose, children }: SideDrawerProps) {
  const close = useEffectEvent(onClose);
  const { width, edge } = useDrawerWidth();
  useEffect(() => {
    if (!opened) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      // What lies above it, or is typed in, is closed first.
      if (event.target instanceof HTMLElement && event.target.closest("[role='menu'], [role='listbox'], input, textarea, [contenteditable='true']")) return;
      event.stopImmediatePropagation();
      close();
    };
    window.addEventListener("keydown", onKey, { capture: true });
    return () => window.removeEventListener("keydown", onKey, { capture: true });
  }, [opened]);
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={width}
      title={title}
      withOverlay={false}
      trapFocus={false}
      lockScroll={false}
      closeOnEscape={false}
      closeButtonProps={{ "aria-label": "Close (Esc)" }}
    >
      {edge}
      {children}
    </Drawer>
  );
}
