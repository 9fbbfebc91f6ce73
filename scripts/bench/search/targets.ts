/** What is aimed at beside what was measured. */
import { markdownTable } from "../../report.ts";
import type { Cell, Cells } from "./cells.ts";

/** A figure of our own cell that may be so much at most; `other` is ClickHouse's cell. */
export interface Target {
  readonly of: string;
  readonly what: string;
  readonly most: number;
  readonly value: (own: Cell, other: Cell | undefined) => number;
}

/** Met or missed, and by how much. */
export function verdict(value: number, most: number): string {
  return value <= most ? "met" : `**missed** by ${(((value - most) / most) * 100).toFixed(0)} %`;
}

/** The targets as a table. */
export function targetTable(cells: Cells, targets: readonly Target[]): string {
  const rows = targets.map(({ of, what, most, value }) => {
    const { flowlogs, ClickHouse } = cells[of]!;
    const found = value(flowlogs!, ClickHouse);
    const unit = most < 10 ? "" : " ms";
    return [of, what, `${found.toFixed(most < 10 ? 2 : 0)}${unit}`, `≤ ${most}${unit}`, verdict(found, most)];
  });
  return markdownTable(["flowlogs", "", "measured", "target", ""], rows);
}
