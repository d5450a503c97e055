/** How high the rows of a long list are and where they stand, measured where they were shown and guessed elsewhere. */

interface Keyed {
  readonly key: string;
}

const GUESS_PX = 40;

export class RowHeights {
  #rows: readonly Keyed[] = [];
  #heights: number[] = [];
  /** `#offsets[n]` is the sum of the first n heights; exact up to `#sound`. */
  #offsets = new Float64Array(1);
  #sound = 0;

  get total(): number {
    return this.offsetOf(this.#rows.length);
  }

  /** Takes another list of rows; those that stay keep their heights. */
  update(rows: readonly Keyed[]): void {
    const before = this.#rows;
    if (rows === before) return;
    const added = rows.length - before.length;
    const isSame = (place: number, old: number): boolean => rows[place]?.key === before[old]?.key;
    if (added >= 0 && before.length > 0 && isSame(0, 0) && isSame(before.length - 1, before.length - 1)) {
      for (let count = 0; count < added; count += 1) this.#heights.push(GUESS_PX);
      this.#sound = Math.min(this.#sound, before.length);
    } else if (added > 0 && before.length > 0 && isSame(added, 0) && isSame(rows.length - 1, before.length - 1)) {
      this.#heights = [...new Array<number>(added).fill(GUESS_PX), ...this.#heights];
      this.#sound = 0;
    } else {
      const known = new Map(before.map((row, index) => [row.key, this.#heights[index] ?? GUESS_PX]));
      this.#heights = rows.map((row) => known.get(row.key) ?? GUESS_PX);
      this.#sound = 0;
    }
    this.#rows = rows;
    if (this.#offsets.length < rows.length + 1) {
      const larger = new Float64Array(Math.ceil((rows.length + 1) * 1.5));
      larger.set(this.#offsets);
      this.#offsets = larger;
    }
  }

  /** Notes how high a row is; tells whether that is news. */
  set(index: number, height: number): boolean {
    if (index < 0 || index >= this.#heights.length || this.#heights[index] === height) return false;
    this.#heights[index] = height;
    this.#sound = Math.min(this.#sound, index);
    return true;
  }

  /** Where a row begins. */
  offsetOf(index: number): number {
    while (this.#sound < index) {
      this.#offsets[this.#sound + 1] = (this.#offsets[this.#sound] ?? 0) + (this.#heights[this.#sound] ?? 0);
      this.#sound += 1;
    }
    return this.#offsets[index] ?? 0;
  }

  /** The row at an offset: the last that begins there or before. */
  indexAt(offset: number): number {
    let low = 0;
    let high = this.#rows.length;
    this.offsetOf(high);
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if ((this.#offsets[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low;
  }
}
