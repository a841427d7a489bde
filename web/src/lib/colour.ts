/** A theme's surface brightness. */
export type Scheme = "light" | "dark";

// Eight hues, in the order they are given out: every pair stays apart for normal sight and the three common forms of
// colour blindness, and each has a contrast of at least 3.2:1 on the theme's surface.
const palette: Record<Scheme, readonly string[]> = {
  light: ["#3653D4", "#D67307", "#05A37C", "#9F2194", "#9E7BD7", "#693102", "#014B58", "#706C4A"],
  dark: ["#307BF7", "#F59A26", "#0AC99F", "#AB50AC", "#C29FFE", "#D63A00", "#9CE4FF", "#D6E449"],
};
const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3]];
// Of the first, the fifth and every further fourth series, where colour alone is not to tell series apart.
const distinctDashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
const sameDash = 4;

/** How one series is drawn: its colour, and the dash that tells the ninth series from the first. */
export interface Stroke {
  colour: string;
  /** Lengths of line and gap in pixels; empty is solid. */
  dash: readonly number[];
}

/**
 * Strokes for the series named `names`, in their order. A name keeps its colour from one chart to the next: its hash
 * picks the hue, and only a collision within these names moves it on. Where they are to be `distinct`, no more than four share
 * a dash, so that those with one hue differ in it, too.
 */
export function strokes(names: readonly string[], scheme: Scheme, distinct = false): Stroke[] {
  const colours = palette[scheme];
  const taken = new Set<number>();
  return names.map((name, index) => {
    const slots = colours.length * dashes.length;
    let slot = hash(name) % colours.length;
    for (let tries = 0; taken.has(slot) && tries < slots; tries++) {
      slot = nextSlot(slot, tries, colours.length);
    }
    taken.add(slot);
    if (distinct) return { colour: colours[slot % colours.length] ?? "", dash: distinctDashes[Math.floor(index / sameDash) % distinctDashes.length] ?? [] };
    return { colour: colours[slot % colours.length] ?? "", dash: dashes[Math.floor(slot / colours.length) % dashes.length] ?? [] };
  });
}

// First all hues of one dash, then the next dash.
function nextSlot(slot: number, tries: number, hues: number): number {
  const wrapped = Math.floor(slot / hues) * hues + ((slot + 1) % hues);
  return (tries + 1) % hues === 0 ? (wrapped + hues) % (hues * dashes.length) : wrapped;
}

/** FNV-1a over UTF-16 units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return value;
}

/** The levels a log line or alert can have, least to most severe. */
export type Level = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "unknown";

/** The theme token of a level, for a style. */
export function levelToken(level: Level): string {
  const token = { trace: "muted", debug: "muted", info: "info", warn: "warn", error: "error", fatal: "critical", unknown: "muted" }[level];
  return `var(--o-${token})`;
}

// The tokens' values again: a canvas cannot resolve CSS variables.
const levelColours: Record<Scheme, Record<Level, string>> = {
  light: { trace: "#B5BCC7", debug: "#8C96A5", info: "#1F6FC4", warn: "#D69A2D", error: "#C62F2F", fatal: "#7D0A2C", unknown: "#A7AFBB" },
  dark: { trace: "#4A5360", debug: "#6F7A89", info: "#4C9BE8", warn: "#E8A33D", error: "#F2706B", fatal: "#FF5C7A", unknown: "#5B6572" },
};

/** The colour of a level on a canvas. */
export function levelColour(level: Level, scheme: Scheme): string {
  return levelColours[scheme][level];
}
