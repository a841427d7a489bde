import { savePicture } from "../../../components/picture";
import { fileName, saveText } from "../../../components/saveText";
import { csvOf } from "../../../lib/dashboard/csv";
import type { Frame } from "../../../lib/dashboard/frame";

/** Hands a panel's frames to the browser as a file of comma-separated values. */
export function saveCSV(frames: readonly Frame[], title: string): void {
  saveText(csvOf(frames), `${fileName(title)}.csv`, "text/csv;charset=utf-8");
}

/** Hands a text to the browser as a file. */
export function saveJSON(text: string, title: string): void {
  saveText(text, `${fileName(title)}.json`, "application/json");
}

/** Hands a panel as it stands on the page to the browser as a picture. */
export async function savePNG(panelId: number, title: string): Promise<void> {
  const panel = document.querySelector<HTMLElement>(`[data-panel="${panelId}"]`);
  if (panel) await savePicture(panel, `${fileName(title)}.png`);
}
