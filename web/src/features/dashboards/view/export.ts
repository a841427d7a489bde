import { csvOf } from "../../../lib/dashboard/csv";
import type { Frame } from "../../../lib/dashboard/frame";

/** Hands a panel's frames to the browser as a file of comma-separated values. */
export function saveCSV(frames: readonly Frame[], title: string): void {
  saveBlob(new Blob([csvOf(frames)], { type: "text/csv;charset=utf-8" }), `${fileName(title)}.csv`);
}

/** Hands a text to the browser as a file. */
export function saveJSON(text: string, title: string): void {
  saveBlob(new Blob([text], { type: "application/json" }), `${fileName(title)}.json`);
}

function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function fileName(title: string): string {
  return title.trim().replace(/[^\w.-]+/g, "-") || "panel";
}

const scale = 2;

/** Draws a panel as it stands on the page into a picture and hands it to the browser. */
export async function savePNG(panelId: number, title: string): Promise<void> {
  const panel = document.querySelector<HTMLElement>(`[data-panel="${panelId}"]`);
  if (!panel) return;
  const { width, height } = panel.getBoundingClientRect();
  const markup = new XMLSerializer().serializeToString(withStyles(panel));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><foreignObject width="100%" height="100%">${markup}</foreignObject></svg>`;
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.scale(scale, scale);
  context.drawImage(picture, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, "image/png");
  });
  if (blob) saveBlob(blob, `${fileName(title)}.png`);
}

/** A copy of the element that looks the same on its own: styles written into it, canvases as pictures. */
function withStyles(element: HTMLElement): HTMLElement {
  const copy = element.cloneNode(true) as HTMLElement;
  const originals = [element, ...element.querySelectorAll<HTMLElement>("*")];
  const copies = [copy, ...copy.querySelectorAll<HTMLElement>("*")];
  originals.forEach((original, index) => {
    const target = copies[index];
    if (!target) return;
    const style = getComputedStyle(original);
    const text = Array.from(style, (name) => `${name}:${style.getPropertyValue(name)}`).join(";");
    target.setAttribute("style", text);
    if (original instanceof HTMLCanvasElement) {
      const picture = document.createElement("img");
      picture.src = original.toDataURL();
      picture.setAttribute("style", text);
      target.replaceWith(picture);
    }
  });
  copy.setAttribute("xmlns", "http://www.w3.org/1999/xhtml");
  return copy;
}
