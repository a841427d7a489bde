import { Menu, type MenuProps } from "@mantine/core";
import { cloneElement, useLayoutEffect, useRef, useState, type ReactElement, type ReactNode, type Ref } from "react";

interface TargetProps {
  ref?: Ref<HTMLButtonElement>;
  onClick?: () => void;
  "aria-haspopup"?: "menu";
  "aria-expanded"?: boolean;
}

interface LazyMenuProps extends Omit<MenuProps, "opened" | "onChange" | "children"> {
  /** The button that opens it. */
  target: ReactElement<TargetProps>;
  /** What is in it: mounted whenever it opens. */
  children: ReactNode;
}

/** A menu of which nothing but its button is there until it is first opened: a page may have hundreds. */
export function LazyMenu({ target, children, ...menu }: LazyMenuProps) {
  const [mounted, setMounted] = useState(false);
  const [opened, setOpened] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (!mounted) return;
    // It is another element now; the focus goes back to it when the menu is closed.
    button.current?.focus();
    setOpened(true);
  }, [mounted]);
  if (!mounted) return cloneElement(target, { "aria-haspopup": "menu", "aria-expanded": false, onClick: () => setMounted(true) });
  return (
    <Menu {...menu} opened={opened} onChange={setOpened} withinPortal keepMounted={false}>
      <Menu.Target>{cloneElement(target, { ref: button })}</Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
