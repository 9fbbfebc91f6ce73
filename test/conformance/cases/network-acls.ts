/** Network ACLs, in the triple and the quintuple form. */
import { expect } from "vitest";
import { type Cases, listingRefusals, many, nowhere, type Refused, tagRefusals, tooLong, type World } from "../world.ts";

type Change = { readonly Priority?: number; readonly Protocol?: string };

const entry = (port: number, other: Change = {}) => ({ Protocol: "TCP", Port: String(port), CidrBlock: "10.0.0.0/8", Action: "ACCEPT", ...other });
const quintuple = (port: number, other: Change = {}) => ({ Protocol: "TCP", DestinationPort: String(port), Action: "ACCEPT", ...other });

type SetField = "NetworkAclEntrySet" | "NetworkAclQuintupleSet";

const triples = <E extends object>(...Ingress: E[]) => ({ NetworkAclEntrySet: { Ingress } });
const quintuples = <E extends object>(...Ingress: E[]) => ({ NetworkAclQuintupleSet: { Ingress } });
const set = (field: SetField, one: object) => (field === "NetworkAclEntrySet" ? triples(one) : quintuples(one));

/** Ports of the rules inwards, first to last. */
async function portsOf({ call }: Pick<World, "call">, id: string): Promise<string[]> {
  const { NetworkAclSet } = await call("DescribeNetworkAcls", { NetworkAclIds: [id] });
  return NetworkAclSet[0]!.IngressEntries.map(({ Port }) => Port);
}

async function quintuplePortsOf({ call }: Pick<World, "call">, id: string): Promise<string[]> {
  const { NetworkAclQuintupleSet } = await call("DescribeNetworkAclQuintupleEntries", { NetworkAclId: id });
  return NetworkAclQuintupleSet.map(({ DestinationPort }) => DestinationPort);
}

/** How every change of entries refuses them; `one` is an entry that is right, with what the action needs beside it. */
function entryRefusals(field: SetField, one: object) {
  const other = field === "NetworkAclEntrySet" ? "QUINTUPLE" : "TRIPLE";
  const bad = (change: object) => () => ({ NetworkAclId: nowhere.acl, ...set(field, { ...one, ...change }) });
  return {
    "InvalidParameter.AclTypeMismatch": async (world: World) => ({ NetworkAclId: (await world.acl(other)).NetworkAclId, ...set(field, one) }),
    "InvalidParameterValue.Malformed": bad(field === "NetworkAclEntrySet" ? { Port: "http" } : { DestinationPort: "http" }),
    "InvalidParameterValue.TooLong": bad({ Description: tooLong(100) }),
    ResourceNotFound: bad({}),
  } as const;
}

const coexistTriple: Refused = () => ({ NetworkAclId: nowhere.acl, ...triples({ ...entry(80), Ipv6CidrBlock: "::/0" }) });
const coexistQuintuple =
  (idOf: (world: World) => Promise<object>): Refused =>
  async (world) => ({ NetworkAclId: (await world.acl("QUINTUPLE")).NetworkAclId, ...quintuples({ ...quintuple(80), SourceCidr: "10.0.0.0/8", SourceIPv6Cidr: "::/0", ...(await idOf(world)) }) });

const inVpc = async (world: World) => ({ VpcId: await world.vpc(), NetworkAclName: "a" });
const aclId = async (world: World, other: object) => ({ NetworkAclId: (await world.acl()).NetworkAclId, ...other });
const quintupleAclId = async (world: World, other: object) => ({ NetworkAclId: (await world.acl("QUINTUPLE")).NetworkAclId, ...other });
const named = { NetworkAclIpv4EntryId: nowhere.entry };
const namedQuintuple = { NetworkAclQuintupleEntryId: nowhere.entry };

export const networkAclCases: Cases = {
  CreateNetworkAcl: {
    success: {
      ask: async (world) => ({ ...(await inVpc(world)), NetworkAclType: "QUINTUPLE", Tags: [{ Key: "a", Value: "1" }] }),
      async then({ NetworkAcl }, { call }) {
        expect(NetworkAcl).toMatchObject({ NetworkAclType: "QUINTUPLE", SubnetSet: [], IngressEntries: [], EgressEntries: [] });
        expect((await call("DescribeNetworkAcls", { NetworkAclIds: [NetworkAcl.NetworkAclId] })).NetworkAclSet).toEqual([NetworkAcl]);
      },
    },
    refusals: {
      ...tagRefusals(inVpc),
      "InvalidParameterValue.Malformed": () => ({ VpcId: "v", NetworkAclName: "a" }),
      "InvalidParameterValue.TooLong": () => ({ VpcId: nowhere.vpc, NetworkAclName: tooLong(60) }),
      InvalidParameterValue: () => ({ VpcId: nowhere.vpc, NetworkAclName: "a", NetworkAclType: "SEXTUPLE" }),
      ResourceNotFound: () => ({ VpcId: nowhere.vpc, NetworkAclName: "a" }),
      "UnknownParameter.WithGuess": () => ({ VpcId: nowhere.vpc, NetworkAclNam: "a" }),
    },
  },
  DescribeNetworkAcls: {
    success: {
      async ask(world) {
        const { VpcId } = await world.acl();
        await world.acl("TRIPLE", VpcId);
        return { Filters: [{ Name: "vpc-id", Values: [VpcId] }], OrderField: "NetworkAclName", OrderDirection: "DESC" };
      },
      then({ NetworkAclSet, TotalCount }) {
        expect(TotalCount).toBe(2);
        const names = NetworkAclSet.map(({ NetworkAclName }) => NetworkAclName);
        expect(names).toEqual(names.toSorted().toReversed());
      },
    },
    refusals: listingRefusals("DescribeNetworkAcls", "NetworkAclIds", nowhere.acl),
  },
  ModifyNetworkAclAttribute: {
    success: {
      ask: async (world) => ({ NetworkAclId: (await world.acl()).NetworkAclId, NetworkAclName: "other" }),
      async then(_answer, { call }, { NetworkAclId }) {
        expect((await call("DescribeNetworkAcls", { NetworkAclIds: [NetworkAclId] })).NetworkAclSet[0]!.NetworkAclName).toBe("other");
      },
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ NetworkAclId: "a", NetworkAclName: "x" }),
      "InvalidParameterValue.TooLong": () => ({ NetworkAclId: nowhere.acl, NetworkAclName: tooLong(60) }),
      ResourceNotFound: () => ({ NetworkAclId: nowhere.acl, NetworkAclName: "x" }),
    },
  },
  DeleteNetworkAcl: {
    success: {
      ask: async (world) => ({ NetworkAclId: (await world.acl()).NetworkAclId }),
      async then(_answer, { call }, { NetworkAclId }) {
        expect((await call("DescribeNetworkAcls", { Filters: [{ Name: "network-acl-id", Values: [NetworkAclId] }] })).TotalCount).toBe(0);
      },
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ NetworkAclId: "a" }),
      async ResourceInUse(world) {
        const { VpcId, NetworkAclId } = await world.acl();
        const { SubnetId } = await world.subnet(VpcId);
        await world.call("AssociateNetworkAclSubnets", { NetworkAclId, SubnetIds: [SubnetId] });
        return { NetworkAclId };
      },
      ResourceNotFound: () => ({ NetworkAclId: nowhere.acl }),
    },
  },
  AssociateNetworkAclSubnets: {
    success: {
      async ask(world) {
        const { VpcId, NetworkAclId } = await world.acl();
        return { NetworkAclId, SubnetIds: [(await world.subnet(VpcId)).SubnetId] };
      },
      async then(_answer, { call }, { NetworkAclId, SubnetIds }) {
        const { NetworkAclSet } = await call("DescribeNetworkAcls", { NetworkAclIds: [NetworkAclId] });
        expect(NetworkAclSet[0]!.SubnetSet).toMatchObject([{ SubnetId: SubnetIds[0], NetworkAclId }]);
      },
    },
    refusals: {
      "InvalidParameterValue.LimitExceeded": () => ({ NetworkAclId: nowhere.acl, SubnetIds: many(101, () => nowhere.subnet) }),
      "InvalidParameterValue.Malformed": () => ({ NetworkAclId: nowhere.acl, SubnetIds: ["s"] }),
      ResourceNotFound: (world) => aclId(world, { SubnetIds: [nowhere.subnet] }),
      "UnsupportedOperation.VpcMismatch": async (world) => aclId(world, { SubnetIds: [(await world.subnet()).SubnetId] }),
    },
  },
  DisassociateNetworkAclSubnets: {
    success: {
      async ask(world) {
        const { VpcId, NetworkAclId } = await world.acl();
        const request = { NetworkAclId, SubnetIds: [(await world.subnet(VpcId)).SubnetId] };
        await world.call("AssociateNetworkAclSubnets", request);
        return request;
      },
      async then(_answer, { call }, { SubnetIds }) {
        expect((await call("DescribeSubnets", { SubnetIds })).SubnetSet[0]!.NetworkAclId).toBe("");
      },
    },
    refusals: {
      "InvalidParameterValue.LimitExceeded": () => ({ NetworkAclId: nowhere.acl, SubnetIds: many(101, () => nowhere.subnet) }),
      "InvalidParameterValue.Malformed": () => ({ NetworkAclId: "a", SubnetIds: [nowhere.subnet] }),
      ResourceNotFound: () => ({ NetworkAclId: nowhere.acl, SubnetIds: [nowhere.subnet] }),
      "UnsupportedOperation.VpcMismatch": async (world) => aclId(world, { SubnetIds: [(await world.subnet()).SubnetId] }),
    },
  },
  ModifyNetworkAclEntries: {
    success: {
      async ask(world) {
        const { NetworkAclId, entryId } = await world.aclWithEntry();
        await world.call("CreateNetworkAclEntries", { NetworkAclId, ...triples(entry(81)) });
        const NetworkAclEntrySet = { Ingress: [{ NetworkAclIpv4EntryId: entryId, Port: "443", Priority: 2 }] };
        return { NetworkAclId, EnableUpdateAclEntries: true, NetworkAclEntrySet };
      },
      async then(_answer, world, { NetworkAclId }) {
        expect(await portsOf(world, NetworkAclId)).toEqual(["81", "443"]);
        const NetworkAclEntrySet = { Ingress: [entry(22), entry(23)], Egress: [{ ...entry(24), Port: "24" }] };
        await world.call("ModifyNetworkAclEntries", { NetworkAclId, NetworkAclEntrySet });
        await world.call("ModifyNetworkAclEntries", { NetworkAclId, ...triples(entry(25)) });
        const { NetworkAclSet } = await world.call("DescribeNetworkAcls", { NetworkAclIds: [NetworkAclId] });
        expect(NetworkAclSet[0]).toMatchObject({ IngressEntries: [{ Port: "25", Priority: 1 }], EgressEntries: [{ Port: "24" }] });
      },
    },
    refusals: {
      ...entryRefusals("NetworkAclEntrySet", entry(80)),
      "InvalidParameter.Coexist": () => ({ NetworkAclId: nowhere.acl, ...triples(entry(80)), ...quintuples(quintuple(80)) }),
      LimitExceeded: (world) => aclId(world, triples(...many(21, (index) => entry(index + 1)))),
      MissingParameter: () => ({ NetworkAclId: nowhere.acl }),
      InvalidParameterValue: (world) => aclId(world, triples(entry(80, { Protocol: "ICMP" }))),
    },
  },
  CreateNetworkAclEntries: {
    success: {
      ask: async (world) => ({ NetworkAclId: (await world.aclWithEntry()).NetworkAclId, ...triples(entry(22, { Priority: 1 }), entry(23)) }),
      then: async (_answer, world, { NetworkAclId }) => expect(await portsOf(world, NetworkAclId)).toEqual(["22", "80", "23"]),
    },
    refusals: {
      ...entryRefusals("NetworkAclEntrySet", entry(80)),
      "InvalidParameter.Coexist": coexistTriple,
      InvalidParameterValue: (world) => aclId(world, triples(entry(80, { Priority: 2 }))),
      LimitExceeded: (world) => aclId(world, triples(...many(21, (index) => entry(index + 1)))),
      MissingParameter: () => ({ NetworkAclId: nowhere.acl, ...triples({ Protocol: "TCP", Action: "ACCEPT" }) }),
    },
  },
  DeleteNetworkAclEntries: {
    success: {
      async ask(world) {
        const { NetworkAclId, entryId } = await world.aclWithEntry();
        return { NetworkAclId, NetworkAclEntrySet: { Ingress: [{ NetworkAclIpv4EntryId: entryId }] } };
      },
      then: async (_answer, world, { NetworkAclId }) => expect(await portsOf(world, NetworkAclId)).toEqual([]),
    },
    refusals: {
      ...entryRefusals("NetworkAclEntrySet", named),
      "InvalidParameter.Coexist": () => ({ NetworkAclId: nowhere.acl, ...triples({ ...entry(80), ...named, Ipv6CidrBlock: "::/0" }) }),
      MissingParameter: (world) => aclId(world, triples(entry(80))),
    },
  },
  DescribeNetworkAclQuintupleEntries: {
    success: {
      async ask(world) {
        const { NetworkAclId } = await world.aclWithQuintuple();
        const Egress = [{ ...quintuple(53, { Protocol: "UDP" }) }];
        await world.call("CreateNetworkAclQuintupleEntries", { NetworkAclId, NetworkAclQuintupleSet: { Egress } });
        return { NetworkAclId, Filters: [{ Name: "network-acl-direction", Values: ["EGRESS"] }] };
      },
      then({ NetworkAclQuintupleSet, TotalCount }) {
        expect(TotalCount).toBe(1);
        const expected = { Protocol: "UDP", SourceCidr: "", SourcePort: "ALL", DestinationPort: "53", Priority: 1, NetworkAclDirection: "EGRESS" };
        expect(NetworkAclQuintupleSet[0]).toMatchObject(expected);
      },
    },
    refusals: {
      "InvalidParameter.AclTypeMismatch": (world) => aclId(world, {}),
      "InvalidParameter.FilterInvalidKey": (world) => quintupleAclId(world, { Filters: [{ Name: "colour", Values: ["red"] }] }),
      "InvalidParameterValue.LimitExceeded": () => ({ NetworkAclId: nowhere.acl, Filters: many(11, () => ({ Name: "action", Values: ["x"] })) }),
      "InvalidParameterValue.Malformed": () => ({ NetworkAclId: "a" }),
      "InvalidParameterValue.Range": () => ({ NetworkAclId: nowhere.acl, Limit: 0 }),
      ResourceNotFound: () => ({ NetworkAclId: nowhere.acl }),
    },
  },
  ModifyNetworkAclQuintupleEntries: {
    success: {
      async ask(world) {
        const { NetworkAclId, entryId } = await world.aclWithQuintuple();
        return { NetworkAclId, NetworkAclQuintupleSet: { Ingress: [{ NetworkAclQuintupleEntryId: entryId, DestinationPort: "443" }] } };
      },
      async then(_answer, { call }, { NetworkAclId }) {
        const { NetworkAclQuintupleSet } = await call("DescribeNetworkAclQuintupleEntries", { NetworkAclId });
        expect(NetworkAclQuintupleSet).toMatchObject([{ SourceCidr: "10.0.0.0/8", DestinationPort: "443", Action: "ACCEPT" }]);
      },
    },
    refusals: {
      ...entryRefusals("NetworkAclQuintupleSet", { ...quintuple(80), ...namedQuintuple }),
      "InvalidParameter.Coexist": coexistQuintuple(async () => namedQuintuple),
      MissingParameter: (world) => quintupleAclId(world, quintuples(quintuple(80))),
    },
  },
  CreateNetworkAclQuintupleEntries: {
    success: {
      ask: async (world) => ({ NetworkAclId: (await world.aclWithQuintuple()).NetworkAclId, ...quintuples(quintuple(22, { Priority: 1 })) }),
      then: async (_answer, world, { NetworkAclId }) => expect(await quintuplePortsOf(world, NetworkAclId)).toEqual(["22", "80"]),
    },
    refusals: {
      ...entryRefusals("NetworkAclQuintupleSet", quintuple(80)),
      "InvalidParameter.Coexist": coexistQuintuple(async () => ({})),
      LimitExceeded: (world) => quintupleAclId(world, quintuples(...many(21, (index) => quintuple(index + 1)))),
    },
  },
  DeleteNetworkAclQuintupleEntries: {
    success: {
      async ask(world) {
        const { NetworkAclId, entryId } = await world.aclWithQuintuple();
        return { NetworkAclId, NetworkAclQuintupleSet: { Ingress: [{ NetworkAclQuintupleEntryId: entryId }] } };
      },
      then: async (_answer, world, { NetworkAclId }) => expect(await quintuplePortsOf(world, NetworkAclId)).toEqual([]),
    },
    refusals: {
      ...entryRefusals("NetworkAclQuintupleSet", namedQuintuple),
      "InvalidParameter.Coexist": coexistQuintuple(async () => namedQuintuple),
    },
  },
};
