import { Parser, type Input, type PartialParse, type TreeFragment } from "@lezer/common";

/** A parser that reads a text in which something is replaced by what is as long, such as variables that its grammar does not know. */
export class MaskingParser extends Parser {
  readonly #inner: Parser;
  readonly #mask: (text: string) => string;

  constructor(inner: Parser, mask: (text: string) => string) {
    super();
    this.#inner = inner;
    this.#mask = mask;
  }

  createParse(input: Input, fragments: readonly TreeFragment[], ranges: readonly { from: number; to: number }[]): PartialParse {
    return this.#inner.startParse(this.#mask(input.read(0, input.length)), fragments, ranges);
  }
}
