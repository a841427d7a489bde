/** The row of a chart's times that a key leads to; null for none any more, undefined for a key that means nothing there. */
export function stepRow(key: string, row: number | null, rows: number): number | null | undefined {
  const last = rows - 1;
  if (last < 0) return undefined;
  switch (key) {
    case "ArrowLeft":
      return Math.max((row ?? rows) - 1, 0);
    case "ArrowRight":
      return Math.min((row ?? -1) + 1, last);
    case "Home":
      return 0;
    case "End":
      return last;
    case "Escape":
      return row === null ? undefined : null;
    default:
      return undefined;
  }
}
