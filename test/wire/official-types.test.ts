/** The wire's tables against what the official Node SDK declares: the same fields, of the same kinds, as required. */
import { describe, expect, test } from "vitest";
import { actions } from "../../src/wire/actions.ts";
import type { ActionRow } from "../../src/wire/action.ts";
import type { Field, Fields } from "../../src/wire/fields.ts";
import { type OfficialTypes, officialTypes, shapeDifferences } from "../support/official-types.ts";

const services = ["vpc", "cls", "tag"] as const;
const types = Object.fromEntries(services.map((service) => [service, officialTypes(service)])) as Record<string, OfficialTypes>;
// What takes bytes has no parameters to compare.
const rows = Object.entries(actions as Record<string, ActionRow>).filter(([, row]) => row.service !== "flowlogs" && row.octetStream === undefined);

/** Where the tables differ on purpose, and why. */
const onPurpose: readonly [difference: RegExp, why: string][] = [
  [/(Ipv6Address(es|Count)|Ipv6CidrBlock|StackType|AddressType|TerminationProtection|TrafficProtection|EipVisibleOnEni): the SDK's/, "newer than this SDK; the API's pages have it"],
  [/CidrBlock: is required in the SDK/, "IPv6 only does without"],
  [/(Action|Protocol): is optional in the SDK/, "the page says that a rule has them"],
  [/PolicyStatistics\.\w+: is required in the SDK/, "an output that means nothing in a request"],
  [/FlowLog\[?\]?.*(FlowLogStorage|Period): may not be null/, "the API's page says that it may"],
  [/FlowLog(Attribute)?\.(VpcId|CloudLogId): is optional/, "needed by all flow logs but those of a CCN or to CKafka, which are not offered"],
  [/ReplaceRouteTableAssociation\.SubnetId: is optional/, "there is nothing else here that has a route table"],
  [/(DescribeLogHistogram|SearchLog\.Topics\[\])\.TopicId: is optional/, "a search without a topic has nothing to look in"],
  [/Topics\[\]\.(CustomKmsInfo|Extends): is missing/, "no topic here has them"],
  [/SearchLog\.QuerySyntax: the SDK's SearchLogResponse has no such field/, "this backend's own: how the query was read; clients pass over it"],
  [/ChildNode/, "members of JSON values are not indexed: refused by name"],
];

describe("the tables and the official SDK agree", () => {
  const used = new Set<string>();

  test.each(rows)("%s", (name, row) => {
    const own = types[row.service]!;
    const found = [
      ...shapeDifferences(row.answer!, `${name}Response`, own, name),
      ...requestDifferences(row.request, `${name}Request`, own, name),
    ];
    const unexplained = found.filter((difference) => {
      const [reason] = onPurpose.filter(([pattern]) => pattern.test(difference));
      if (reason !== undefined) used.add(reason[1]);
      return reason === undefined;
    });
    expect(unexplained).toEqual([]);
  });

  test("every explained difference is still there", () => {
    expect(onPurpose.map(([, why]) => why).filter((why) => !used.has(why))).toEqual([]);
  });
});

function requestDifferences(fields: Fields, type: string, own: OfficialTypes, path: string): string[] {
  const official = own.get(type);
  if (official === undefined) return [`${path}: the SDK has no type ${type}`];
  const known = new Set(official.map(({ name }) => name));
  return [
    ...Object.keys(fields).filter((name) => !known.has(name)).map((name) => `${path}.${name}: the SDK's ${type} has no such parameter`),
    ...official.flatMap(({ name, type: fieldType, optional }) => {
      const field = fields[name];
      if (field === undefined) return [`${path}.${name}: is not known here`];
      const isRequired = field.required === true;
      const required = isRequired === !optional ? [] : [`${path}.${name}: is ${optional ? "optional" : "required"} in the SDK`];
      return [...required, ...kindDifferences(field, fieldType, own, `${path}.${name}`)];
    }),
  ];
}

function kindDifferences(field: Field, type: string, own: OfficialTypes, path: string): string[] {
  const element = /^Array<(.*)>$/.exec(type)?.[1];
  if (field.kind === "list") {
    return element === undefined ? kindDifferences(field.of, type, own, path) : kindDifferences(field.of, element, own, `${path}[]`);
  }
  if (field.kind === "group") return requestDifferences(field.fields, type, own, path);
  const kinds = { text: /^string$/, flag: /^(boolean|string)$/, integer: /^(number|bigint|number \| bigint|string)$/, number: /^number$/ };
  return kinds[field.kind].test(type) ? [] : [`${path}: is ${type} in the SDK`];
}
