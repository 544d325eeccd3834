/** A drawing of dots in text: every character is a braille cell of 2 × 4 dots. */
const CELL_WIDTH = 2;
const CELL_HEIGHT = 4;
const BLANK = 0x2800;
/** Bits of the dots of a cell, row by row. */
const DOTS = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80] as const;

/** What is drawn where: ranges of x, to the right, and of y, upwards. */
export interface View {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

export class Canvas {
  readonly #columns: number;
  readonly #rows: number;
  readonly #view: View;
  readonly #cells: Uint8Array;
  /** Characters over the dots, by cell. */
  readonly #marks = new Map<number, string>();

  /** @param columns, rows Size in characters. */
  constructor(columns: number, rows: number, view: View) {
    this.#columns = columns;
    this.#rows = rows;
    this.#view = view;
    this.#cells = new Uint8Array(columns * rows);
  }

  /** Draws a point; one outside of the view is left out. */
  dot(x: number, y: number): void {
    const [column, row] = this.#place(x, y, CELL_WIDTH, CELL_HEIGHT);
    const cell = this.#cellAt(Math.floor(column / CELL_WIDTH), Math.floor(row / CELL_HEIGHT));
    if (cell < 0) return;
    const dot = (row % CELL_HEIGHT) * CELL_WIDTH + (column % CELL_WIDTH);
    this.#cells[cell]! |= DOTS[dot]!;
  }

  /** Draws a line from point to point, as dense as the dots are. */
  line(points: readonly (readonly [number, number])[]): void {
    const { x, y } = this.#view;
    const [dx, dy] = [
      (x[1] - x[0]) / (this.#columns * CELL_WIDTH),
      (y[1] - y[0]) / (this.#rows * CELL_HEIGHT),
    ];
    for (const [i, [toX, toY]] of points.entries()) {
      const [fromX, fromY] = points[Math.max(0, i - 1)]!;
      const steps = Math.ceil(Math.max(Math.abs(toX - fromX) / dx, Math.abs(toY - fromY) / dy, 1));
      if (!Number.isFinite(steps)) continue;
      for (let s = 0; s <= steps; s++) {
        this.dot(fromX + ((toX - fromX) * s) / steps, fromY + ((toY - fromY) * s) / steps);
      }
    }
  }

  /** Puts a character where a point is; it may be coloured. */
  mark(x: number, y: number, text: string): void {
    const [column, row] = this.#place(x, y, 1, 1);
    const cell = this.#cellAt(column, row);
    if (cell >= 0) this.#marks.set(cell, text);
  }

  /** The lines of text, from the top. */
  lines(): string[] {
    return Array.from({ length: this.#rows }, (_, row) =>
      Array.from({ length: this.#columns }, (_, column) => {
        const cell = row * this.#columns + column;
        return this.#marks.get(cell) ?? String.fromCharCode(BLANK + this.#cells[cell]!);
      }).join(''),
    );
  }

  /** Column and row, from the top, in units of which a character has `width` × `height`. */
  #place(x: number, y: number, width: number, height: number): [number, number] {
    const across = (x - this.#view.x[0]) / (this.#view.x[1] - this.#view.x[0]);
    const up = (y - this.#view.y[0]) / (this.#view.y[1] - this.#view.y[0]);
    const [columns, rows] = [this.#columns * width, this.#rows * height];
    // The far edges belong to the last dots.
    const column = across === 1 ? columns - 1 : Math.floor(across * columns);
    const row = up === 0 ? rows - 1 : Math.floor((1 - up) * rows);
    return [column, row];
  }

  #cellAt(column: number, row: number): number {
    const inside = column >= 0 && column < this.#columns && row >= 0 && row < this.#rows;
    return inside ? row * this.#columns + column : -1;
  }
}
