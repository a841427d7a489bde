import { useRef } from "react";

/** The section of the dashboard under the pointer. */
export function sectionAt({ clientX, clientY }: { clientX: number; clientY: number }): HTMLElement | undefined {
  for (const found of document.elementsFromPoint(clientX, clientY)) {
    const section = found.closest<HTMLElement>("[data-section]");
    if (section) return section;
  }
  return undefined;
}

/** Marks the section that something dragged would come to. The mark is no state: nothing is drawn anew while dragging. */
export function useDropMark(): (target: HTMLElement | undefined) => void {
  const marked = useRef<HTMLElement>(undefined);
  return (target) => {
    if (marked.current === target) return;
    delete marked.current?.dataset.drop;
    if (target) target.dataset.drop = "here";
    marked.current = target;
  };
}
