import { useEffect, useRef, useState, type RefObject } from "react";

/** Whether an element has been near what is seen of the page; then it stays true. */
export function useInSight<E extends Element>(): [RefObject<E | null>, boolean] {
  const ref = useRef<E>(null);
  // Where it cannot be told everything is in sight.
  const [seen, setSeen] = useState(typeof IntersectionObserver === "undefined");
  useEffect(() => {
    if (seen || !ref.current) return;
    const observer = new IntersectionObserver((entries) => setSeen((before) => before || entries.some((entry) => entry.isIntersecting)), { rootMargin: "200px" });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [seen]);
  return [ref, seen];
}
