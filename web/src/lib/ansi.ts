/** The colours an SGR sequence can name; the style sheet maps them to theme tokens. */
export type AnsiColour =
  | "black"
  | "red"
  | "green"
  | "yellow"
  | "blue"
  | "magenta"
  | "cyan"
  | "white";

/** A run of text that shares one style. */
export interface AnsiSegment {
  text: string;
  colour?: AnsiColour;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
}

type Style = Omit<AnsiSegment, "text">;

const COLOURS: readonly AnsiColour[] = [
  "black",
  "red",
  "green",
  "yellow",
  "blue",
  "magenta",
  "cyan",
  "white",
];

// CSI sequences (ECMA-48 5.4), OSC strings up to BEL or ST, and two-byte escapes.
// oxlint-disable-next-line no-control-regex -- escape sequences are control characters
const ESCAPE = /\u001b(?:\[([0-?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

// Everything below space but tab and line feed, DEL, and the C1 block.
// oxlint-disable-next-line no-control-regex -- finding control characters is the point
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Splits a line at its SGR sequences. Other escape sequences are dropped, background colours are ignored. */
export function parseAnsi(line: string): AnsiSegment[] {
  if (!line.includes("\u001b")) return line === "" ? [] : [{ text: line }];
  const segments: AnsiSegment[] = [];
  let style: Style = {};
  let last = 0;
  const push = (to: number) => {
    if (to > last) segments.push({ text: line.slice(last, to), ...style });
  };
  for (const match of line.matchAll(ESCAPE)) {
    push(match.index);
    last = match.index + match[0].length;
    if (match[2] === "m") style = applySgr(style, match[1] ?? "");
  }
  push(line.length);
  return segments;
}

/** The text without escape sequences, as it is searched and copied. */
export function stripAnsi(line: string): string {
  return line.includes("\u001b") ? line.replace(ESCAPE, "") : line;
}

/** Makes control characters visible: U+0007 becomes `\x07`. Tabs and line feeds stay. */
export function showControls(text: string): string {
  return text.replace(CONTROL, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function setColour(style: Style, index: number): void {
  const colour = COLOURS[index];
  if (colour) style.colour = colour;
}

function applySgr(current: Style, parameters: string): Style {
  const codes = parameters === "" ? [0] : parameters.split(/[;:]/).map(Number);
  let style = { ...current };
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 0) style = {};
    else if (code === 1) style.bold = true;
    else if (code === 2) style.dim = true;
    else if (code === 3) style.italic = true;
    else if (code === 4) style.underline = true;
    else if (code === 22) {
      delete style.bold;
      delete style.dim;
    } else if (code === 23) delete style.italic;
    else if (code === 24) delete style.underline;
    else if (code >= 30 && code <= 37) setColour(style, code - 30);
    else if (code >= 90 && code <= 97) setColour(style, code - 90);
    else if (code === 39) delete style.colour;
    else if (code === 38 || code === 48) {
      // 38;5;N picks from the 256-colour table, 38;2;R;G;B is direct colour.
      const indexed = codes[i + 1] === 5;
      if (code === 38 && indexed) {
        const index = codes[i + 2] ?? -1;
        if (index >= 0 && index < 16) setColour(style, index % 8);
      }
      i += indexed ? 2 : 4;
    }
  }
  return style;
}
