/** Outcomes as JUnit XML, the form that CI systems read. */
import type { Outcome } from "./verify.ts";

/** The report of one file of expectations. */
export function junit(suite: string, outcomes: readonly Outcome[]): string {
  const failures = outcomes.filter(({ passed }) => !passed).length;
  const cases = outcomes.map(({ name, passed, found }) => {
    const start = `    <testcase classname="flowlogs.verify" name="${escaped(name)}"`;
    return passed ? `${start}/>` : `${start}>\n      <failure message="${escaped(found)}"/>\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `  <testsuite name="${escaped(suite)}" tests="${outcomes.length}" failures="${failures}">`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;" };

function escaped(text: string): string {
  // Control characters have no place in XML at all.
  // eslint-disable-next-line no-control-regex
  const legal = text.replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, "?");
  return legal.replaceAll(/[&<>"\n]/g, (char) => entities[char]!);
}
