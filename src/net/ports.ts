/** Port lists as security group and network ACL rules spell them. */

/** An inclusive range of ports. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Reads `80`, `8000-8010`, `80,443` or `all` (no ranges: every port); undefined when it is none of these. */
export function parsePorts(text: string): readonly PortRange[] | undefined {
  if (text.toLowerCase() === "all") return [];
  const ranges: PortRange[] = [];
  for (const part of text.split(",")) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim());
    if (match === null) return undefined;
    const from = Number(match[1]);
    const to = Number(match[2] ?? match[1]);
    if (from > to || to > 65_535) return undefined;
    ranges.push({ from, to });
  }
  return ranges;
}

/** Whether a port is in the list; an empty list stands for every port. */
export function portsHold(ranges: readonly PortRange[], port: number): boolean {
  return ranges.length === 0 || ranges.some(({ from, to }) => port >= from && port <= to);
}
