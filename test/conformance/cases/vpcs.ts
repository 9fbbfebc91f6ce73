/** VPCs, their route table, and what the account may have. */
import { expect } from "vitest";
import { type Cases, listingRefusals, many, nowhere, tagRefusals, tooLong } from "../world.ts";

const create = { VpcName: "v", CidrBlock: "10.0.0.0/16" };

export const vpcCases: Cases = {
  CreateVpc: {
    success: {
      ask: () => ({
        VpcName: "网络",
        CidrBlock: "172.16.0.0/16",
        DnsServers: ["172.16.0.2"],
        DomainName: "example.test",
        EnableMulticast: true,
        Tags: [{ Key: "env", Value: "test" }, { Key: "bare" }],
      }),
      async then({ Vpc }, { call }) {
        const expected = { VpcName: "网络", EnableMulticast: true, DnsServerSet: ["172.16.0.2"], DomainName: "example.test" };
        expect(Vpc).toMatchObject({ ...expected, TagSet: [{ Key: "env", Value: "test" }, { Key: "bare", Value: "" }] });
        expect((await call("DescribeVpcs", { VpcIds: [Vpc.VpcId] })).VpcSet).toEqual([Vpc]);
      },
    },
    refusals: {
      ...tagRefusals(() => create),
      "InvalidParameterValue.LimitExceeded": () => ({ ...create, DnsServers: many(5, (index) => `10.0.0.${index}`) }),
      "InvalidParameterValue.Malformed": () => ({ ...create, CidrBlock: "11.0.0.0/16" }),
      "InvalidParameterValue.TooLong": () => ({ ...create, VpcName: tooLong(60) }),
      InvalidParameterValue: () => ({ ...create, VpcName: "" }),
      MissingParameter: () => ({ VpcName: "v" }),
      UnknownParameter: () => ({ ...create, Colour: "red" }),
    },
  },
  DescribeVpcs: {
    success: {
      async ask(world) {
        return { Filters: [{ Name: "vpc-id", Values: [await world.vpc(), await world.vpc()] }], Offset: 1, Limit: 1 };
      },
      then({ VpcSet, TotalCount }, _world, { Filters }) {
        expect(TotalCount).toBe(2);
        expect(VpcSet.map(({ VpcId }) => VpcId)).toEqual([Filters![0]!.Values[1]]);
      },
    },
    refusals: listingRefusals("DescribeVpcs", "VpcIds", nowhere.vpc),
  },
  ModifyVpcAttribute: {
    success: {
      ask: async (world) => ({ VpcId: await world.vpc(), VpcName: "other", EnableMulticast: true, EnableRouteVpcPublish: true }),
      async then(_answer, { call }, { VpcId }) {
        const { VpcSet } = await call("DescribeVpcs", { VpcIds: [VpcId] });
        expect(VpcSet[0]).toMatchObject({ VpcName: "other", EnableMulticast: true, EnableRouteVpcPublish: true });
      },
    },
    refusals: {
      "InvalidParameterValue.LimitExceeded": () => ({ VpcId: nowhere.vpc, DnsServers: many(5, (index) => `10.0.0.${index}`) }),
      "InvalidParameterValue.Malformed": () => ({ VpcId: "vpc", VpcName: "x" }),
      "InvalidParameterValue.TooLong": () => ({ VpcId: nowhere.vpc, VpcName: tooLong(60) }),
      ResourceNotFound: () => ({ VpcId: nowhere.vpc }),
      UnsupportedOperation: () => ({ VpcId: nowhere.vpc, EnableCdcPublish: true }),
    },
  },
  DeleteVpc: {
    success: {
      ask: async (world) => ({ VpcId: await world.vpc() }),
      async then(_answer, { call }, { VpcId }) {
        expect((await call("DescribeVpcs", { Filters: [{ Name: "vpc-id", Values: [VpcId] }] })).VpcSet).toEqual([]);
      },
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ VpcId: "v" }),
      ResourceInUse: async (world) => ({ VpcId: (await world.subnet()).VpcId }),
      ResourceNotFound: () => ({ VpcId: nowhere.vpc }),
    },
  },
  DescribeRouteTables: {
    success: {
      async ask(world) {
        const { VpcId } = await world.subnet();
        return { Filters: [{ Name: "vpc-id", Values: [VpcId] }, { Name: "association.main", Values: ["true"] }] };
      },
      async then({ RouteTableSet, TotalCount }, { call }, { Filters }) {
        const { SubnetSet } = await call("DescribeSubnets", { Filters: [Filters![0]!] });
        const [{ SubnetId, RouteTableId }] = SubnetSet as [(typeof SubnetSet)[number]];
        expect(TotalCount).toBe(1);
        expect(RouteTableSet[0]).toMatchObject({ RouteTableId, Main: true, AssociationSet: [{ SubnetId, RouteTableId }] });
      },
    },
    refusals: listingRefusals("DescribeRouteTables", "RouteTableIds", nowhere.rtb),
  },
  ReplaceRouteTableAssociation: {
    success: {
      async ask(world) {
        const { SubnetId } = await world.subnet();
        const { SubnetSet } = await world.call("DescribeSubnets", { SubnetIds: [SubnetId] });
        return { SubnetId, RouteTableId: SubnetSet[0]!.RouteTableId };
      },
      then: (answer) => expect(answer).toEqual({}),
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ SubnetId: "s", RouteTableId: nowhere.rtb }),
      ResourceNotFound: async (world) => ({ SubnetId: (await world.subnet()).SubnetId, RouteTableId: nowhere.rtb }),
      async "UnsupportedOperation.VpcMismatch"(world) {
        const { SubnetId } = await world.subnet();
        const foreign = [{ Name: "vpc-id", Values: [await world.vpc()] }];
        const { RouteTableSet } = await world.call("DescribeRouteTables", { Filters: foreign });
        return { SubnetId, RouteTableId: RouteTableSet[0]!.RouteTableId };
      },
    },
  },
  DescribeVpcLimits: {
    success: {
      ask: () => ({ LimitTypes: ["security-group-max-ingress-policies", "network-acl-max-inbound-policies"] }),
      then: ({ VpcLimitSet }) => expect(VpcLimitSet.map(({ LimitValue }) => LimitValue)).toEqual([100, 20]),
    },
    refusals: {
      "InvalidParameterValue.LimitExceeded": () => ({ LimitTypes: many(101, () => "appid-max-vpcs") }),
      InvalidParameterValue: () => ({ LimitTypes: ["patience"] }),
      MissingParameter: () => ({}),
    },
  },
  DescribeAccountAttributes: {
    success: {
      ask: () => ({}),
      then: (answer) => expect(answer.AccountAttributeSet).toEqual([{ AttributeName: "supported-platforms", AttributeValues: ["VPC"] }]),
    },
    refusals: { UnknownParameter: () => ({ Nonsense: "x" }) },
  },
  DescribeVpcTaskResult: {
    success: {
      async ask(world) {
        const { VpcId, SubnetId } = await world.subnet();
        const { RequestId } = await world.call("CreateNetworkInterface", { VpcId, SubnetId, NetworkInterfaceName: "e" });
        return { TaskId: RequestId };
      },
      then: ({ Status, Result }) => expect({ Status, Result }).toMatchObject({ Status: "SUCCESS", Result: [{ Status: "SUCCESS" }] }),
    },
    refusals: {
      ResourceNotFound: () => ({ TaskId: nowhere.uuid }),
      InvalidParameterValue: () => ({ TaskId: "" }),
    },
  },
};
