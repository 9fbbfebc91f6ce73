/**
 * Network ACL rules between the wire and the rooms. The triple form names one end of the traffic, the quintuple form
 * both; what else there is to know about the two stands in their {@link Form}.
 */
import type { ActionRequest } from "../../../wire/actions.ts";
import { ApiError } from "../../../wire/errors.ts";
import { newId } from "../../ids.ts";
import type { Rooms } from "../../rooms.ts";
import type { NetworkAcl, NetworkAclRule } from "../../vpc/network.ts";
import { found } from "../action.ts";

type TripleSet = NonNullable<ActionRequest<"ModifyNetworkAclEntries">["NetworkAclEntrySet"]>;
type QuintupleSet = ActionRequest<"ModifyNetworkAclQuintupleEntries">["NetworkAclQuintupleSet"];
type Triple = NonNullable<TripleSet["Ingress"]>[number];
type Quintuple = NonNullable<QuintupleSet["Ingress"]>[number];
type Direction = "ingress" | "egress";

/** The most rules of one direction (the cloud's default quota). */
export const maxEntries = 20;

/** What an entry says of its rule; what it leaves out stays as it is, or is the default of a new rule. */
interface Said {
  readonly id: string | undefined;
  readonly priority: number | undefined;
  readonly rule: Partial<Omit<NetworkAclRule, "id" | "modifiedMs">>;
}

/** How one of the two forms is read. */
export interface Form<E> {
  readonly type: NetworkAcl["form"];
  readonly field: string;
  readonly idField: string;
  /** What its entries' ids begin with, for IPv4 and IPv6. */
  readonly idPrefixes: readonly [ipv4: string, ipv6: string];
  readonly read: (entry: E, direction: Direction, at: string) => Said;
}

/** Entries of either direction. */
export interface EntrySet<E> {
  readonly Ingress?: readonly E[] | undefined;
  readonly Egress?: readonly E[] | undefined;
}

const directions = [
  ["Ingress", "ingress"],
  ["Egress", "egress"],
] as const;

/** The triple form: the remote end is the source inwards, the destination outwards; the port is the destination's. */
export const tripleForm: Form<Triple> = {
  type: "TRIPLE",
  field: "NetworkAclEntrySet",
  idField: "NetworkAclIpv4EntryId",
  idPrefixes: ["acli43", "acli63"],
  read(entry, direction, at) {
    const remote = oneBlock(entry.CidrBlock, entry.Ipv6CidrBlock, `${at}: CidrBlock and Ipv6CidrBlock`);
    const cidr = direction === "ingress" ? { sourceCidr: remote } : { destinationCidr: remote };
    return {
      id: entry.NetworkAclIpv4EntryId ?? entry.NetworkAclIpv6EntryId,
      priority: entry.Priority,
      rule: given({ ...spelled(entry), ...cidr, destinationPort: entry.Port?.toUpperCase() }),
    };
  },
};

/** The quintuple form: both ends and both ports; an end that is left out is open. */
export const quintupleForm: Form<Quintuple> = {
  type: "QUINTUPLE",
  field: "NetworkAclQuintupleSet",
  idField: "NetworkAclQuintupleEntryId",
  idPrefixes: ["acli45", "acli65"],
  read: (entry, _direction, at) => ({
    id: entry.NetworkAclQuintupleEntryId,
    priority: entry.Priority,
    rule: given({
      ...spelled(entry),
      sourceCidr: oneBlock(entry.SourceCidr, entry.SourceIPv6Cidr, `${at}: SourceCidr and SourceIPv6Cidr`),
      sourcePort: entry.SourcePort?.toUpperCase(),
      destinationCidr: oneBlock(entry.DestinationCidr, entry.DestinationIPv6Cidr, `${at}: DestinationCidr and DestinationIPv6Cidr`),
      destinationPort: entry.DestinationPort?.toUpperCase(),
    }),
  }),
};

function spelled({ Protocol, Action, Description }: Pick<Triple, "Protocol" | "Action" | "Description">) {
  return { protocol: Protocol?.toUpperCase(), action: Action === undefined ? undefined : spelledAction(Action), description: Description };
}

function spelledAction(action: string): "ACCEPT" | "DROP" {
  return action.toUpperCase() === "ACCEPT" ? "ACCEPT" : "DROP";
}

function oneBlock(ipv4: string | undefined, ipv6: string | undefined, fields: string): string | undefined {
  if (ipv4 !== undefined && ipv6 !== undefined) throw new ApiError("InvalidParameter.Coexist", `${fields} cannot be given together`);
  return ipv4 ?? ipv6;
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}

/** The ACL whose rules are to change; one of the other form is refused. */
export function aclToChange({ network }: Rooms, id: string, type: NetworkAcl["form"]): NetworkAcl {
  const acl = found(network.networkAcls.get(id), "NetworkAclId", id);
  if (acl.form !== type) {
    const words = `NetworkAclId: ${JSON.stringify(acl.id)} is of type ${acl.form}, the rules given are of type ${type}`;
    throw new ApiError("InvalidParameter.AclTypeMismatch", words);
  }
  return acl;
}

/** Replaces the rules of each direction that is given; the other stays as it is. */
export function replaceEntries<E>(rooms: Rooms, acl: NetworkAcl, set: EntrySet<E>, form: Form<E>): void {
  const changed = { ...acl };
  for (const [name, direction] of directions) {
    const read = (entry: E, index: number) => newRule(rooms, entry, direction, form, `${form.field}.${name}.${index}`);
    changed[direction] = set[name]?.map(read) ?? acl[direction];
  }
  putEntries(rooms, changed, form);
}

/** Adds rules, each at the place its Priority names or (without one) behind all others. */
export function addEntries<E>(rooms: Rooms, acl: NetworkAcl, set: EntrySet<E>, form: Form<E>): void {
  editEntries(rooms, acl, set, form, (rules, entry, direction, at) => {
    const rule = newRule(rooms, entry, direction, form, at);
    const { priority } = form.read(entry, direction, at);
    return rules.toSpliced(placeFor(rules.length + 1, priority ?? rules.length + 1, at), 0, rule);
  });
}

/** Changes the rules that the entries name by their ids; a Priority moves one to another place. */
export function changeEntries<E>(rooms: Rooms, acl: NetworkAcl, set: EntrySet<E>, form: Form<E>): void {
  editEntries(rooms, acl, set, form, (rules, entry, direction, at) => {
    const said = form.read(entry, direction, at);
    const place = namedPlace(rules, said.id, form, at);
    const changed = checked({ ...rules[place]!, ...said.rule, modifiedMs: rooms.clock.nowMs() }, at);
    const target = said.priority === undefined ? place : placeFor(rules.length, said.priority, at);
    return rules.toSpliced(place, 1).toSpliced(target, 0, changed);
  });
}

/** Deletes the rules that the entries name by their ids. */
export function removeEntries<E>(rooms: Rooms, acl: NetworkAcl, set: EntrySet<E>, form: Form<E>): void {
  editEntries(rooms, acl, set, form, (rules, entry, direction, at) => {
    return rules.toSpliced(namedPlace(rules, form.read(entry, direction, at).id, form, at), 1);
  });
}

type Rules = readonly NetworkAclRule[];

/** Applies one edit per entry, in the order they are given. */
function editEntries<E>(
  rooms: Rooms,
  acl: NetworkAcl,
  set: EntrySet<E>,
  form: Form<E>,
  edit: (rules: Rules, entry: E, direction: Direction, at: string) => Rules,
): void {
  const changed = { ...acl };
  let count = 0;
  for (const [name, direction] of directions) {
    for (const [index, entry] of (set[name] ?? []).entries()) {
      changed[direction] = edit(changed[direction], entry, direction, `${form.field}.${name}.${index}`);
      count++;
    }
  }
  if (count === 0) throw new ApiError("MissingParameter", `${form.field}: one of Ingress, Egress must hold an entry`);
  putEntries(rooms, changed, form);
}

function putEntries<E>(rooms: Rooms, acl: NetworkAcl, form: Form<E>): void {
  for (const [name, direction] of directions) {
    if (acl[direction].length > maxEntries) {
      const words = `${form.field}.${name}: ${acl[direction].length} rules are more than the ${maxEntries} a direction may have`;
      throw new ApiError("LimitExceeded", words);
    }
  }
  rooms.network.networkAcls.put(acl.id, acl);
}

function newRule<E>(rooms: Rooms, entry: E, direction: Direction, form: Form<E>, at: string): NetworkAclRule {
  const { rule } = form.read(entry, direction, at);
  const { protocol, action, sourceCidr = "", destinationCidr = "" } = rule;
  const required = (name: string) => new ApiError("MissingParameter", `${at}.${name}: this parameter is required and was not given`);
  if (protocol === undefined) throw required("Protocol");
  if (action === undefined) throw required("Action");
  if (form.type === "TRIPLE" && sourceCidr + destinationCidr === "") throw required("CidrBlock");
  const blank = { description: "", sourcePort: "ALL", destinationPort: "ALL" };
  const id = newId(form.idPrefixes[(sourceCidr + destinationCidr).includes(":") ? 1 : 0], rooms.random);
  const modifiedMs = rooms.clock.nowMs();
  return checked({ ...blank, ...rule, protocol, action, sourceCidr, destinationCidr, id, modifiedMs }, at);
}

/** The rule, where its ports make sense with its protocol and its blocks are of one family. */
function checked(rule: NetworkAclRule, at: string): NetworkAclRule {
  const hasPorts = rule.protocol === "TCP" || rule.protocol === "UDP";
  const [port] = [rule.sourcePort, rule.destinationPort].filter((each) => each !== "ALL");
  if (!hasPorts && port !== undefined) {
    throw new ApiError("InvalidParameterValue", `${at}: port ${JSON.stringify(port)} needs Protocol TCP or UDP`);
  }
  const families = new Set([rule.sourceCidr, rule.destinationCidr].filter((cidr) => cidr !== "").map((cidr) => cidr.includes(":")));
  if (families.size > 1) {
    const words = `${at}: ${rule.sourceCidr} and ${rule.destinationCidr} are not of one address family`;
    throw new ApiError("InvalidParameterValue.Malformed", words);
  }
  return rule;
}

function namedPlace<E>(rules: Rules, id: string | undefined, form: Form<E>, at: string): number {
  if (id === undefined) {
    throw new ApiError("MissingParameter", `${at}.${form.idField}: this parameter is required: it names the entry`);
  }
  const place = rules.findIndex((rule) => rule.id === id);
  found(rules[place], `${at}.${form.idField}`, id);
  return place;
}

/** The place of a priority among so many rules; priorities count from 1. */
function placeFor(count: number, priority: number, at: string): number {
  if (priority > count) throw new ApiError("InvalidParameterValue", `${at}.Priority: ${priority} must be at most ${count}`);
  return priority - 1;
}
