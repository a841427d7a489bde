import { saveBlob } from "./saveText";

const scale = 2;
// Larger canvases stay empty in some browsers.
const mostPixels = 8192;

/** Draws an element as it stands on the page, with all that it would have to be scrolled for, into a picture and hands it to the browser. */
export async function savePicture(element: HTMLElement, name: string): Promise<void> {
  const width = element.getBoundingClientRect().width;
  const height = Math.min(Math.max(element.scrollHeight, element.getBoundingClientRect().height), mostPixels);
  const copy = withStyles(element);
  Object.assign(copy.style, { width: `${width}px`, height: `${height}px`, overflow: "hidden" });
  const markup = new XMLSerializer().serializeToString(copy);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><style>${await fonts()}</style><foreignObject width="100%" height="100%">${markup}</foreignObject></svg>`;
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await picture.decode();
  const canvas = document.createElement("canvas");
  const by = Math.min(scale, mostPixels / Math.max(width, height));
  canvas.width = width * by;
  canvas.height = height * by;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.scale(by, by);
  context.drawImage(picture, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, "image/png");
  });
  if (blob) saveBlob(blob, name);
}

/** The fonts of the page with their files in them: a picture loads nothing. */
async function fonts(): Promise<string> {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map((rule) => ({ rule, base: sheet.href ?? document.baseURI }))).filter(({ rule }) => rule instanceof CSSFontFaceRule);
  const texts = rules.map(async ({ rule, base }) => {
    const [, file = ""] = /url\("?([^")]+)"?\)/.exec(rule.cssText) ?? [];
    const answer = await fetch(new URL(file, base)).catch(() => undefined);
    return answer?.ok ? rule.cssText.replace(file, await dataOf(await answer.blob())) : "";
  });
  return (await Promise.all(texts)).join("");
}

function dataOf(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result)));
    reader.addEventListener("error", () => reject(reader.error ?? new Error("the file cannot be read")));
    reader.readAsDataURL(blob);
  });
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
    const text = [...Array.from(style, (name) => `${name}:${style.getPropertyValue(name)}`), "scrollbar-width:none"].join(";");
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
