import { useEffect, useRef, type RefObject } from "react";

/**
 * A canvas that `draw` fills whenever its size or `draw` itself changes; the context counts in CSS pixels, and is empty when
 * it is given.
 */
export function useCanvas(width: number, height: number, draw: (ctx: CanvasRenderingContext2D, element: HTMLCanvasElement) => void): RefObject<HTMLCanvasElement | null> {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = ref.current;
    const ctx = element && width > 0 && height > 0 ? element.getContext("2d") : null;
    if (!element || !ctx) return;
    const ratio = devicePixelRatio || 1;
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    draw(ctx, element);
  }, [width, height, draw]);
  return ref;
}
