/** The spelling that the cloud keeps of security group and network ACL rules. */
import { formatCidr, parseCidr } from "../net/address.ts";

type Rule = Readonly<Record<string, unknown>>;

const blockNames = ["cidrBlock", "ipv6CidrBlock", "sourceCidr", "sourceIPv6Cidr", "destinationCidr", "destinationIPv6Cidr"];
const portNames = ["port", "sourcePort", "destinationPort"];

/** Rules as the cloud shows them: letter case, all ports (ALL where none is named), and blocks by their first address. */
export function canonicalPortRules(rules: unknown): unknown {
  if (!Array.isArray(rules)) return rules;
  return rules.map((rule) => canonicalRule({ protocol: "ALL", port: "ALL", ...(rule as Rule) }));
}

function canonicalRule(rule: Rule): Rule {
  const canonical: Record<string, unknown> = { ...rule };
  const respell = (name: string, spell: (text: string) => string) => {
    const value = canonical[name];
    if (typeof value === "string") canonical[name] = spell(value);
  };
  respell("protocol", (text) => (text.toUpperCase() === "ICMPV6" ? "ICMPv6" : text.toUpperCase()));
  respell("action", (text) => text.toUpperCase());
  for (const name of portNames) respell(name, (text) => text.toUpperCase());
  for (const name of blockNames) respell(name, canonicalBlock);
  return canonical;
}

function canonicalBlock(text: string): string {
  if (text.startsWith("0.0.0.0/")) return "0.0.0.0/0";
  const cidr = text.includes("/") ? parseCidr(text) : undefined;
  return cidr === undefined ? text : formatCidr(cidr);
}
