/** An arithmetic expression over the answers of other queries, such as `$A / ($B + 1) > 0.5`. */
export type MathNode =
  | { kind: "number"; value: number }
  | { kind: "ref"; name: string }
  | { kind: "unary"; operator: "-" | "!"; operand: MathNode }
  | { kind: "binary"; operator: string; left: MathNode; right: MathNode }
  | { kind: "call"; name: string; argument: MathNode };

const token = /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|\$\{([^}]+)\}|\$(\w+)|([a-zA-Z_]\w*)|(\*\*|&&|\|\||[<>=!]=|[-+*/%()<>!,]))/y;

// Loosest first.
const levels: readonly (readonly string[])[] = [["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">="], ["+", "-"], ["*", "/", "%"], ["**"]];

type Token = { text: string; kind: "number" | "ref" | "word" | "sign" };

// Nobody writes deeper ones, and each level takes stack.
const deepest = 200;

/** Reads an expression; throws an Error that says where it is wrong. */
export function parseMath(text: string): MathNode {
  const tokens = tokenise(text);
  let at = 0;
  let depth = 0;
  const peek = (): string => tokens[at]?.text ?? "";
  const node = binary(0);
  if (at < tokens.length) throw new Error(`"${text}" is no expression: "${peek()}" is not expected.`);
  return node;

  function binary(level: number): MathNode {
    const operators = levels[level];
    if (!operators) return unary();
    let left = binary(level + 1);
    while (tokens[at]?.kind === "sign" && operators.includes(peek())) {
      const operator = tokens[at++]?.text ?? "";
      left = { kind: "binary", operator, left, right: binary(level + 1) };
    }
    return left;
  }

  function unary(): MathNode {
    const sign = peek();
    if (tokens[at]?.kind === "sign" && (sign === "-" || sign === "!")) {
      at++;
      return { kind: "unary", operator: sign, operand: unary() };
    }
    return primary();
  }

  function primary(): MathNode {
    if (++depth > deepest) throw new Error("The expression is nested too deeply.");
    const next = tokens[at++];
    switch (next?.kind) {
      case "number":
        return { kind: "number", value: Number(next.text) };
      case "ref":
        return { kind: "ref", name: next.text };
      case "word":
        return word(next.text);
      case "sign":
        if (next.text === "(") {
          const inner = binary(0);
          expect(")");
          return inner;
        }
    }
    throw new Error(`"${text}" is no expression: ${next ? `"${next.text}" is not expected` : "it ends too early"}.`);
  }

  function word(name: string): MathNode {
    if (peek() !== "(") {
      if (name === "inf") return { kind: "number", value: Infinity };
      if (name === "nan") return { kind: "number", value: NaN };
      return { kind: "ref", name };
    }
    at++;
    if (["inf", "nan", "null", "infn"].includes(name) && peek() === ")") {
      at++;
      return { kind: "number", value: name === "inf" ? Infinity : name === "infn" ? -Infinity : NaN };
    }
    if (!functions.has(name)) throw new Error(`There is no function "${name}" in expressions.`);
    const argument = binary(0);
    expect(")");
    return { kind: "call", name, argument };
  }

  function expect(sign: string): void {
    if (peek() !== sign) throw new Error(`"${text}" is no expression: "${sign}" is missing.`);
    at++;
  }
}

const functions = new Set(["abs", "log", "round", "ceil", "floor", "is_null", "is_nan", "is_inf", "is_number"]);

function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.trimEnd().length) {
    const match = token.exec(text);
    if (!match) throw new Error(`"${text}" is no expression.`);
    const [, number, braced, plain, word, sign] = match;
    if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (braced !== undefined || plain !== undefined) tokens.push({ kind: "ref", text: braced ?? plain ?? "" });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else tokens.push({ kind: "sign", text: sign ?? "" });
  }
  return tokens;
}
