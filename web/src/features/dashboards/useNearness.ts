import { useEffect, useState, type RefObject } from "react";

import type { Nearness } from "./usePanel";

type Listener = (nearness: Nearness) => void;

// One pair of observers for all panels of a page: what is in sight, and what is within one screen of it.
interface Watcher {
  visible: IntersectionObserver;
  near: IntersectionObserver;
  listeners: Map<Element, { listener: Listener; visible: boolean; near: boolean }>;
}

let watcher: Watcher | undefined;

function watch(): Watcher {
  if (watcher) return watcher;
  const listeners: Watcher["listeners"] = new Map();
  const root = document.getElementById("main");
  const observe = (side: "visible" | "near", rootMargin: string): IntersectionObserver =>
    new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          const state = listeners.get(entry.target);
          if (!state) continue;
          state[side] = entry.isIntersecting;
          state.listener(state.visible ? "visible" : state.near ? "near" : "far");
        }
      },
      { root, rootMargin },
    );
  watcher = { visible: observe("visible", "0px"), near: observe("near", "100% 0px"), listeners };
  return watcher;
}

/** How near an element is to what is in sight. Without an observer (in tests) everything is in sight. */
export function useNearness(ref: RefObject<Element | null>): Nearness {
  const [nearness, setNearness] = useState<Nearness>(typeof IntersectionObserver === "undefined" ? "visible" : "far");
  useEffect(() => {
    const element = ref.current;
    if (!element || typeof IntersectionObserver === "undefined") return undefined;
    const { visible, near, listeners } = watch();
    listeners.set(element, { listener: setNearness, visible: false, near: false });
    visible.observe(element);
    near.observe(element);
    return () => {
      visible.unobserve(element);
      near.unobserve(element);
      listeners.delete(element);
      // The scrolling element may be another the next time.
      if (listeners.size === 0) {
        visible.disconnect();
        near.disconnect();
        watcher = undefined;
      }
    };
  }, [ref]);
  return nearness;
}
