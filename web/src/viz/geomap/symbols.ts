/** The outline of a marker around 0,0, as an SVG path: `symbol` names Grafana's picture of it, `size` is its radius in pixels. */
export function symbolPath(symbol: string, size: number): string {
  const shape = /([a-z-]+)(?:\.svg)?$/.exec(symbol)?.[1] ?? "circle";
  const r = Math.max(size, 0.5);
  switch (shape) {
    case "square":
      return `M${-r} ${-r}H${r}V${r}H${-r}Z`;
    case "triangle":
      return around(r, 3, 1);
    case "star":
      return around(r, 10, 0.45);
    case "cross":
      return `M${-r} 0H${r}M0 ${-r}V${r}`;
    case "x-mark":
    case "x":
      return `M${-r} ${-r}L${r} ${r}M${r} ${-r}L${-r} ${r}`;
    default:
      return `M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`;
  }
}

/** Corners on a circle from the top on, every other one at `inner` of the radius. */
function around(radius: number, corners: number, inner: number): string {
  const points = Array.from({ length: corners }, (_, index) => {
    const angle = (index / corners) * 2 * Math.PI;
    const at = index % 2 === 1 ? radius * inner : radius;
    return `${(Math.sin(angle) * at).toFixed(2)} ${(-Math.cos(angle) * at).toFixed(2)}`;
  });
  return `M${points.join("L")}Z`;
}
