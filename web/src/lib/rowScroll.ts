/**
 * Pixels that a list may be high: Firefox draws nothing of an element higher than 17.8 million, other browsers stop between
 * 16.8 and 33.5 million.
 */
export const tallest = 15_000_000;

/** A list of rows, and the box that shows a part of them. */
export interface RowBox {
  rows: number;
  /** Pixels of a row: what a row more or less is to the wheel. */
  row: number;
  /** Rows that the box shows at once. */
  sight: number;
  /** Rows that it surely shows at its end: as many, or one where some may be higher. */
  atEnd: number;
  /** Pixels that the box can be scrolled by, far fewer than its rows have. */
  span: number;
}

/**
 * Where a box stands in a list too high for a scrollbar to have a pixel for each of its own. Small movements (wheel, finger,
 * keys) move by as many rows as their pixels have; larger ones (the scrollbar, whose every pixel is thousands here) go to
 * the same part of the list as they are of the bar. The bar falls out of step with small movements, and is put right with
 * `place` once they are over.
 */
export class RowScroll {
  #box: RowBox = { rows: 0, row: 1, sight: 0, atEnd: 0, span: 0 };
  // In rows, of which there may be parts.
  #top = 0;
  #at = 0;
  #moving = false;

  /** Index of the first row that is shown. */
  get first(): number {
    // Sums of parts are a hair off.
    return Math.floor(this.#top + 1e-6);
  }

  /** The row that is on top when the last one is in sight. */
  get #last(): number {
    return Math.max(0, this.#box.rows - this.#box.atEnd);
  }

  /** Takes a list that has grown or a box of another size; the same row stays on top. */
  resize(box: RowBox): void {
    this.#box = box;
    this.#top = Math.min(this.#top, this.#last);
  }

  /** Shows `row` on top, as far as there are rows below it. */
  go(row: number): void {
    this.#top = Math.max(0, Math.min(row, this.#last));
  }

  /** Brings `row` into sight by as little as it takes. */
  show(row: number): void {
    if (row < this.#top) this.go(row);
    else if (row >= this.#top + this.#box.atEnd) this.go(row - this.#box.atEnd + 1);
  }

  /** The box has been scrolled, and its `scrollTop` is `at` now. */
  scrolled(at: number): void {
    const { row, sight, span } = this.#box;
    const by = at - this.#at;
    if (Math.abs(by) < 1) return;
    // From rest to an end in one go is a key that means the end.
    const toEnd = !this.#moving && (at <= 0 || at >= span - 1);
    const small = Math.abs(by) <= 2 * sight * row && !toEnd;
    this.go(small ? this.#top + by / row : (this.#last * at) / Math.max(1, span));
    if (!small && at >= span - 1) this.go(this.#last);
    this.#at = at;
    this.#moving = true;
  }

  /** The `scrollTop` that belongs to what is shown. */
  place(): number {
    return this.#last === 0 ? 0 : (this.#top / this.#last) * this.#box.span;
  }

  /** The box's `scrollTop` has been set to `place`, and is `at` (browsers round): a movement is over. */
  placed(at: number): void {
    this.#at = at;
    this.#moving = false;
  }
}
