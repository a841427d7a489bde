/** Presses the button that filters for (`in`) or filters out (`out`) the value that has the focus, or is under the pointer. */
export function pressFilter(which: "in" | "out"): void {
  const focused = document.activeElement === document.body ? null : document.activeElement;
  // A value's buttons are the only ones in what surrounds it.
  for (let near: Element | null | undefined = focused ?? [...document.querySelectorAll(":hover")].at(-1); near; near = near.parentElement) {
    const [button, another] = near.querySelectorAll<HTMLElement>(`[data-filter="${which}"]`);
    if (button) return another ? undefined : button.click();
  }
}

/** The keys that do so, for useListKeys. */
export const filterKeys: Record<string, () => void> = { "+": () => pressFilter("in"), "-": () => pressFilter("out") };
