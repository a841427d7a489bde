/** A text that a regular expression of PromQL matches as a whole, or undefined where none is found. */
export function sampleOf(pattern) {
  const text = new Sampler(pattern).alternatives();
  return fits(text, pattern) ? text : undefined;
}

/** Whether a regular expression of PromQL matches the text as a whole. One that JavaScript cannot read matches nothing. */
export function fits(text, pattern) {
  // Go lets a flag hold for a group, which here only some engines do.
  const flags = /\(\?\w*i/.test(pattern) ? "i" : "";
  try {
    return new RegExp(`^(?:${pattern.replace(/\(\?[imsU]+\)/g, "").replace(/\(\?[imsU]+:/g, "(?:")})$`, flags).test(text);
  } catch {
    return false;
  }
}

/** The alternatives of `a|b|c` and `(a|b|c)` where they are plain words; otherwise a sample alone. */
export function samplesOf(pattern) {
  const bare = pattern.replace(/^\((?!\?)([^()]*)\)$/, "$1");
  if (!/[()[\]]/.test(bare)) {
    const found = bare.split("|").map(sampleOf);
    if (found.every((one) => one !== undefined && one !== "")) return found;
  }
  const one = sampleOf(pattern);
  return one === undefined || one === "" ? [] : [one];
}

const classes = { d: "1", w: "a", s: " ", D: "a", W: "-", S: "a", n: "\n", t: "\t" };

/** Walks a regular expression and takes the first way that is open everywhere. */
class Sampler {
  constructor(pattern) {
    this.pattern = pattern;
    this.at = 0;
  }

  alternatives() {
    const first = this.sequence();
    while (this.pattern[this.at] === "|") {
      this.at++;
      this.sequence();
    }
    return first;
  }

  sequence() {
    let text = "";
    while (this.at < this.pattern.length && this.pattern[this.at] !== "|" && this.pattern[this.at] !== ")") {
      const unit = this.unit();
      text += this.times(unit);
    }
    return text;
  }

  unit() {
    const c = this.pattern[this.at++];
    switch (c) {
      case "(": {
        const special = /^\?(?::|<[^>]*>|[imsU]+:?)/.exec(this.pattern.slice(this.at));
        if (special) this.at += special[0].length;
        const text = this.alternatives();
        this.at++;
        return text;
      }
      case "[":
        return this.set();
      case ".":
        return "x";
      case "\\":
        return this.escape();
      case "^":
      case "$":
        return "";
      default:
        return c;
    }
  }

  escape() {
    const c = this.pattern[this.at++];
    return classes[c] ?? c;
  }

  set() {
    const end = this.pattern.indexOf("]", this.at + 1);
    const body = this.pattern.slice(this.at, end);
    this.at = end + 1;
    if (body.startsWith("^")) return ["x", "1", "-", "Z"].find((c) => !body.includes(c)) ?? "_";
    return body.startsWith("\\") ? (classes[body[1]] ?? body[1]) : body[0];
  }

  times(unit) {
    const rest = this.pattern.slice(this.at);
    const count = /^\{(\d+)(?:,\d*)?\}/.exec(rest);
    const sign = /^[*+?]/.exec(rest);
    const found = count ?? sign;
    if (!found) return unit;
    this.at += found[0].length;
    if (this.pattern[this.at] === "?") this.at++;
    return count ? unit.repeat(Number(count[1])) : unit;
  }
}
