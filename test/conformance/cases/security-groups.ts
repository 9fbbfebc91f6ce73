/** Security groups and their policies. */
import { expect } from "vitest";
import { type Cases, listingRefusals, many, nowhere, type Refused, tagRefusals, tooLong, type World } from "../world.ts";

const group = { GroupName: "g", GroupDescription: "d" };
const rule = (port: number, other: { PolicyIndex?: number } = {}) => ({
  Protocol: "TCP",
  Port: String(port),
  CidrBlock: "10.0.0.0/8",
  Action: "ACCEPT",
  ...other,
});
const ssh = rule(22);
const https = rule(443);

const inwards = <P extends object>(...Ingress: P[]) => ({ SecurityGroupPolicySet: { Ingress } });
const of = async <S extends object>(world: World, set: S) => ({ SecurityGroupId: await world.group({ Ingress: [ssh, https] }), ...set });

/** How every change that brings policies along refuses them; `PolicyIndex` is what the action needs beside them. */
function policyRefusals(index: { PolicyIndex?: number } = {}) {
  return {
    "InvalidParameter.Coexist": () => ({ SecurityGroupId: nowhere.sg, ...inwards({ ...ssh, ...index, Ipv6CidrBlock: "::/0" }) }),
    "InvalidParameterValue.Malformed": () => ({ SecurityGroupId: nowhere.sg, ...inwards({ ...ssh, ...index, CidrBlock: "ten" }) }),
    "InvalidParameterValue.TooLong": () => ({ SecurityGroupId: nowhere.sg, ...inwards({ ...ssh, ...index, PolicyDescription: tooLong(100) }) }),
    InvalidParameterValue: (world: World) => of(world, inwards({ ...ssh, ...index, Protocol: "ICMP" })),
    ResourceNotFound: () => ({ SecurityGroupId: nowhere.sg, ...inwards({ ...ssh, ...index }) }),
    "UnknownParameter.WithGuess": () => ({ SecurityGroupId: nowhere.sg, ...inwards({ ...ssh, ...index, CidrBlok: "10.0.0.0/8" }) }),
    "UnsupportedOperation.VersionMismatch": (world: World) =>
      of(world, { SecurityGroupPolicySet: { Version: "7", Ingress: [{ ...rule(80), ...index }] } }),
    UnsupportedOperation: () => ({ SecurityGroupId: nowhere.sg, ...inwards({ ...ssh, ...index, AddressTemplate: { AddressId: "ipm-1" } }) }),
  } as const;
}

const manyRules: Refused = (world) => of(world, inwards(...many(101, (index) => rule(index + 1))));

async function policies({ call }: Pick<World, "call">, SecurityGroupId: string) {
  return (await call("DescribeSecurityGroupPolicies", { SecurityGroupId })).SecurityGroupPolicySet;
}

async function portsOf(world: Pick<World, "call">, id: string): Promise<{ Version: string; ports: string[] }> {
  const { Version, Ingress } = await policies(world, id);
  return { Version, ports: Ingress.map(({ Port }) => Port) };
}

export const securityGroupCases: Cases = {
  CreateSecurityGroup: {
    success: {
      ask: () => ({ ...group, ProjectId: "0", Tags: [{ Key: "a", Value: "1" }] }),
      async then({ SecurityGroup }, world) {
        expect(SecurityGroup).toMatchObject({ SecurityGroupName: "g", SecurityGroupDesc: "d", ProjectId: "0", IsDefault: false });
        expect(await portsOf(world, SecurityGroup.SecurityGroupId)).toEqual({ Version: "0", ports: [] });
      },
    },
    refusals: {
      ...tagRefusals(() => group),
      "InvalidParameterValue.Malformed": () => ({ ...group, ProjectId: "mine" }),
      "InvalidParameterValue.TooLong": () => ({ ...group, GroupDescription: tooLong(100) }),
      InvalidParameterValue: () => ({ ...group, GroupName: "" }),
      MissingParameter: () => ({ GroupName: "g" }),
    },
  },
  CreateSecurityGroupWithPolicies: {
    success: {
      ask: () => ({ ...group, SecurityGroupPolicySet: { Ingress: [ssh, { Action: "drop", Protocol: "icmpv6", Ipv6CidrBlock: "2001:db8::1/32" }] } }),
      async then({ SecurityGroup }, world) {
        const { Ingress, PolicyStatistics } = await policies(world, SecurityGroup.SecurityGroupId);
        expect(Ingress).toMatchObject([ssh, { Action: "DROP", Protocol: "ICMPv6", Ipv6CidrBlock: "2001:db8::/32", PolicyIndex: 1 }]);
        expect(PolicyStatistics).toMatchObject({ IngressIPv4TotalCount: 1, IngressIPv6TotalCount: 1 });
      },
    },
    refusals: {
      ...tagRefusals(() => group),
      "InvalidParameter.Coexist": () => ({ ...group, ...inwards({ ...ssh, SecurityGroupId: nowhere.sg }) }),
      "InvalidParameterValue.Malformed": () => ({ ...group, ...inwards({ ...ssh, Port: "http" }) }),
      "InvalidParameterValue.Range": () => ({ ...group, ...inwards({ ...ssh, Action: "PERHAPS" }) }),
      "InvalidParameterValue.TooLong": () => ({ ...group, ...inwards({ ...ssh, PolicyDescription: tooLong(100) }) }),
      "LimitExceeded.SecurityGroupPolicySet": () => ({ ...group, ...inwards(...many(101, (index) => rule(index + 1))) }),
      MissingParameter: () => ({ ...group, ...inwards({ Action: "ACCEPT" }) }),
      ResourceNotFound: () => ({ ...group, ...inwards({ Action: "ACCEPT", SecurityGroupId: nowhere.sg }) }),
      "UnknownParameter.WithGuess": () => ({ ...group, SecurityGroupPolicySets: "x" }),
      "UnsupportedOperation.DuplicatePolicy": () => ({ ...group, ...inwards(ssh, { ...ssh, Protocol: "tcp" }) }),
    },
  },
  DescribeSecurityGroups: {
    success: {
      ask: async (world) => ({ SecurityGroupIds: await world.groups(3), OrderField: "CreatedTime", OrderDirection: "ASC", Offset: 1, Limit: 2 }),
      then({ SecurityGroupSet, TotalCount }, _world, { SecurityGroupIds }) {
        expect(TotalCount).toBe(3);
        expect(SecurityGroupSet.map(({ SecurityGroupId }) => SecurityGroupId)).toEqual(SecurityGroupIds!.slice(1));
      },
    },
    refusals: listingRefusals("DescribeSecurityGroups", "SecurityGroupIds", nowhere.sg),
  },
  ModifySecurityGroupAttribute: {
    success: {
      ask: async (world) => ({ SecurityGroupId: await world.group(), GroupName: "other", GroupDescription: "told" }),
      async then(_answer, { call }, { SecurityGroupId }) {
        const { SecurityGroupSet } = await call("DescribeSecurityGroups", { SecurityGroupIds: [SecurityGroupId] });
        expect(SecurityGroupSet[0]).toMatchObject({ SecurityGroupName: "other", SecurityGroupDesc: "told" });
      },
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ SecurityGroupId: "s" }),
      "InvalidParameterValue.TooLong": () => ({ SecurityGroupId: nowhere.sg, GroupName: tooLong(60) }),
      ResourceNotFound: () => ({ SecurityGroupId: nowhere.sg, GroupName: "x" }),
    },
  },
  DeleteSecurityGroup: {
    success: {
      ask: async (world) => ({ SecurityGroupId: await world.group() }),
      async then(_answer, { call }, { SecurityGroupId }) {
        const Filters = [{ Name: "security-group-id", Values: [SecurityGroupId] }];
        expect((await call("DescribeSecurityGroups", { Filters })).TotalCount).toBe(0);
      },
    },
    refusals: {
      "InvalidSecurityGroupID.Malformed": () => ({ SecurityGroupId: "s" }),
      "InvalidSecurityGroupID.NotFound": () => ({ SecurityGroupId: nowhere.sg }),
      async ResourceInUse(world) {
        const SecurityGroupId = await world.group();
        await world.group({ Egress: [{ Action: "ACCEPT", SecurityGroupId }] });
        return { SecurityGroupId };
      },
    },
  },
  CreateSecurityGroupPolicies: {
    success: {
      ask: async (world) => ({ SecurityGroupId: await world.group({ Ingress: [ssh, https] }), ...inwards(rule(80, { PolicyIndex: 1 }), rule(81, { PolicyIndex: 1 })) }),
      async then(_answer, world, { SecurityGroupId }) {
        expect(await portsOf(world, SecurityGroupId)).toEqual({ Version: "1", ports: ["22", "80", "81", "443"] });
        await world.call("CreateSecurityGroupPolicies", { SecurityGroupId, ...inwards(rule(9)) });
        await world.call("CreateSecurityGroupPolicies", { SecurityGroupId, ...inwards(rule(1, { PolicyIndex: 0 })) });
        expect(await portsOf(world, SecurityGroupId)).toEqual({ Version: "3", ports: ["1", "22", "80", "81", "443", "9"] });
      },
    },
    refusals: {
      ...policyRefusals(),
      "InvalidParameter.Coexist": (world) => of(world, { SecurityGroupPolicySet: { Ingress: [rule(80)], Egress: [rule(80)] } }),
      "InvalidParameterValue.Empty": (world) => of(world, { SecurityGroupPolicySet: { Version: "0" } }),
      "InvalidParameterValue.Range": (world) => of(world, inwards(rule(80, { PolicyIndex: 3 }))),
      "LimitExceeded.SecurityGroupPolicySet": manyRules,
      "UnsupportedOperation.DuplicatePolicy": (world) => of(world, inwards(ssh)),
    },
  },
  DescribeSecurityGroupPolicies: {
    success: {
      async ask(world) {
        const SecurityGroupId = await world.group({ Ingress: [ssh, { ...https, Action: "DROP" }], Egress: [https] });
        return { SecurityGroupId, Filters: [{ Name: "poly", Values: ["DROP"] }, { Name: "direction", Values: ["INBOUND"] }] };
      },
      then: ({ SecurityGroupPolicySet }) => expect(SecurityGroupPolicySet).toMatchObject({ Ingress: [{ Port: "443", PolicyIndex: 1 }], Egress: [] }),
    },
    refusals: {
      "InvalidParameter.FilterInvalidKey": async (world) => ({ SecurityGroupId: await world.group(), Filters: [{ Name: "colour", Values: ["red"] }] }),
      "InvalidParameter.FilterNotDict": () => ({ SecurityGroupId: nowhere.sg, Filters: ["poly"] }),
      "InvalidParameter.FilterValuesNotList": () => ({ SecurityGroupId: nowhere.sg, Filters: [{ Name: "poly", Values: "DROP" }] }),
      "InvalidParameterValue.LimitExceeded": () => ({ SecurityGroupId: nowhere.sg, Filters: many(11, () => ({ Name: "poly", Values: ["ALL"] })) }),
      "InvalidParameterValue.Malformed": () => ({ SecurityGroupId: "s" }),
      ResourceNotFound: () => ({ SecurityGroupId: nowhere.sg }),
    },
  },
  ModifySecurityGroupPolicies: {
    success: {
      async ask(world) {
        const SecurityGroupId = await world.group({ Ingress: [ssh] });
        await world.call("ModifySecurityGroupPolicies", { SecurityGroupId, SecurityGroupPolicySet: { Ingress: [rule(1)] } });
        return { SecurityGroupId, SecurityGroupPolicySet: { Version: "1", Ingress: [https], Egress: [ssh] } };
      },
      async then(_answer, world, { SecurityGroupId }) {
        expect(await policies(world, SecurityGroupId)).toMatchObject({ Version: "2", Ingress: [{ Port: "443" }], Egress: [{ Port: "22" }] });
        await world.call("ModifySecurityGroupPolicies", { SecurityGroupId, SecurityGroupPolicySet: { Version: "0", Ingress: [ssh] } });
        expect(await policies(world, SecurityGroupId)).toMatchObject({ Version: "3", Ingress: [], Egress: [] });
      },
    },
    refusals: {
      ...policyRefusals(),
      // A query or a form cannot say "an empty set".
      "InvalidParameterValue.Empty": { json: (world) => of(world, { SecurityGroupPolicySet: {} }) },
      "InvalidParameterValue.Range": () => ({ SecurityGroupId: nowhere.sg, ...inwards({ ...ssh, Protocol: "SCTP" }) }),
      "LimitExceeded.SecurityGroupPolicySet": manyRules,
      "UnsupportedOperation.DuplicatePolicy": (world) => of(world, inwards(ssh, ssh)),
    },
  },
  ReplaceSecurityGroupPolicy: {
    success: {
      ask: async (world) => ({ SecurityGroupId: await world.group({ Ingress: [ssh, https] }), ...inwards(rule(80, { PolicyIndex: 1 })) }),
      then: async (_answer, world, { SecurityGroupId }) => expect(await portsOf(world, SecurityGroupId)).toEqual({ Version: "1", ports: ["22", "80"] }),
    },
    refusals: {
      ...policyRefusals({ PolicyIndex: 0 }),
      "InvalidParameterValue.Empty": (world) => of(world, { SecurityGroupPolicySet: { Version: "0" } }),
      "InvalidParameterValue.LimitExceeded": (world) => of(world, inwards(rule(80, { PolicyIndex: 0 }), rule(81, { PolicyIndex: 1 }))),
      "InvalidParameterValue.Range": (world) => of(world, inwards(rule(80, { PolicyIndex: 2 }))),
      MissingParameter: (world) => of(world, inwards(rule(80))),
      "UnsupportedOperation.DuplicatePolicy": (world) => of(world, inwards({ ...https, PolicyIndex: 0 })),
    },
  },
  DeleteSecurityGroupPolicies: {
    success: {
      ask: async (world) => ({ SecurityGroupId: await world.group({ Ingress: [ssh, https, rule(80)] }), SecurityGroupPolicySet: { Ingress: [{ PolicyIndex: 0 }, { Protocol: "tcp", Port: "80" }] } }),
      then: async (_answer, world, { SecurityGroupId }) => expect(await portsOf(world, SecurityGroupId)).toEqual({ Version: "1", ports: ["443"] }),
    },
    refusals: {
      "InvalidParameter.Coexist": (world) => of(world, { SecurityGroupPolicySet: { Ingress: [ssh], Egress: [ssh] } }),
      "InvalidParameterValue.Empty": (world) => of(world, { SecurityGroupPolicySet: { Version: "0" } }),
      "InvalidParameterValue.Malformed": () => ({ SecurityGroupId: nowhere.sg, ...inwards({ CidrBlock: "ten" }) }),
      "InvalidParameterValue.Range": (world) => of(world, inwards({ PolicyIndex: 2 })),
      ResourceNotFound: (world) => of(world, inwards({ Port: "80" })),
      "UnsupportedOperation.VersionMismatch": (world) => of(world, { SecurityGroupPolicySet: { Version: "7", Ingress: [ssh] } }),
    },
  },
  DescribeSecurityGroupAssociationStatistics: {
    success: {
      async ask(world) {
        const id = await world.group();
        await world.group({ Ingress: [{ Action: "ACCEPT", SecurityGroupId: id }] });
        await world.attached({ SecurityGroupIds: [id] });
        await world.eni({ SecurityGroupIds: [id] });
        return { SecurityGroupIds: [id] };
      },
      then({ SecurityGroupAssociationStatisticsSet: [found] }, _world, { SecurityGroupIds }) {
        expect(found).toMatchObject({ SecurityGroupId: SecurityGroupIds[0], CVM: 1, ENI: 2, SG: 1, CLB: 0, CDB: 0, TotalCount: 4 });
      },
    },
    refusals: {
      "InvalidParameterValue.LimitExceeded": () => ({ SecurityGroupIds: many(101, () => nowhere.sg) }),
      "InvalidParameterValue.Malformed": () => ({ SecurityGroupIds: ["s"] }),
      ResourceNotFound: () => ({ SecurityGroupIds: [nowhere.sg] }),
    },
  },
};
