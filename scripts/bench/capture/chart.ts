/** A picture of a benchmark: horizontal bars as SVG. */

interface Bar {
  readonly name: string;
  readonly value: number;
}

const rowHeight = 30;
const labelWidth = 230;
const width = 720;

/** Bars in their order, ours in colour; values in millions of packets a second. */
export function barChart(bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map(({ name, value }, place) => {
    const y = 40 + place * rowHeight;
    const length = Math.max(2, (value / most) * (width - labelWidth - 70));
    const colour = name.startsWith("flowlogs") ? "#0b6bcb" : "#9aa5b1";
    return [
      `<text x="${labelWidth - 10}" y="${y + 15}" text-anchor="end">${name}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="20" rx="2" fill="${colour}"/>`,
      `<text x="${(labelWidth + length + 8).toFixed(1)}" y="${y + 15}">${value.toFixed(1)}</text>`,
    ].join("\n");
  });
  const height = 50 + bars.length * rowHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="10" y="22" font-weight="600">Captures into flow records: million packets a second (docs/benchmarks.md)</text>`,
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}
