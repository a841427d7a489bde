/** Degrees that a gauge spans, and where it begins; 0 is up, clockwise. */
export const sweep = 250;
export const start = -sweep / 2;

/** A point at `share` (0 to 1) of a gauge's way, at `radius` from the middle. */
export function onArc(share: number, radius: number): [x: number, y: number] {
  const angle = ((start + share * sweep - 90) * Math.PI) / 180;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

/** Path of a ring's part from one share to another, `outer` and `inner` its radii. */
export function arcPath(from: number, to: number, outer: number, inner: number): string {
  const [x0, y0] = onArc(from, outer);
  const [x1, y1] = onArc(to, outer);
  const [x2, y2] = onArc(to, inner);
  const [x3, y3] = onArc(from, inner);
  const large = (to - from) * sweep > 180 ? 1 : 0;
  const f = (value: number): string => value.toFixed(2);
  return `M${f(x0)} ${f(y0)}A${f(outer)} ${f(outer)} 0 ${large} 1 ${f(x1)} ${f(y1)}L${f(x2)} ${f(y2)}A${f(inner)} ${f(inner)} 0 ${large} 0 ${f(x3)} ${f(y3)}Z`;
}
