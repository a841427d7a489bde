/** A JSON number that a double would not give back as it was written: `33.0`, `1e3`, `9007199254740993`. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

const STRING_OR_NUMBER = /("(?:[^"\\]|\\.)*")|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

// Sixteen digits, a trailing zero after the point, or an exponent: only then is a closer look worth its time.
const SUSPECT = /\d{16}|\.\d*0\b|\d[eE]|-0/;

const MARK = "\u0000number:";

/** Parses JSON, keeping the text of numbers that would change. A query compares that text, not the value. Throws as JSON.parse. */
export function parseExact(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  if (!SUSPECT.test(text)) return plain;
  const marked = text.replaceAll(STRING_OR_NUMBER, (token: string, quoted: string | undefined) =>
    quoted !== undefined || String(Number(token)) === token ? token : JSON.stringify(MARK + token),
  );
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === "string" && value.startsWith(MARK) ? new NumberText(value.slice(MARK.length)) : value,
  );
}
