/** Subnets. */
import { expect } from "vitest";
import { type Cases, listingRefusals, many, nowhere, tagRefusals, tooLong, type World, zone } from "../world.ts";

const own = { SubnetName: "s", Zone: zone, CidrBlock: "10.0.1.0/24" };
const inVpc = async (world: World, other: object = {}) => ({ VpcId: await world.vpc(), ...own, ...other });
const several = async (world: World, ...others: object[]) => ({ VpcId: await world.vpc(), Subnets: others.map((other) => ({ ...own, ...other })) });

export const subnetCases: Cases = {
  CreateSubnet: {
    success: {
      ask: async (world) => ({ VpcId: await world.vpc(), ...own, Tags: [{ Key: "a", Value: "1" }] }),
      async then({ Subnet }, { call }) {
        expect(Subnet).toMatchObject({ CidrBlock: own.CidrBlock, Zone: zone, AvailableIpAddressCount: 253, IsCdcSubnet: 0 });
        expect((await call("DescribeSubnets", { SubnetIds: [Subnet.SubnetId] })).SubnetSet).toEqual([Subnet]);
      },
    },
    refusals: {
      ...tagRefusals(inVpc),
      "InvalidParameterValue.Empty": (world) => inVpc(world, { SubnetName: "" }),
      "InvalidParameterValue.Malformed": (world) => inVpc(world, { CidrBlock: "10.0.1.1/24" }),
      "InvalidParameterValue.SubnetConflict": async (world) => ({ VpcId: (await world.subnet()).VpcId, ...own }),
      "InvalidParameterValue.SubnetRange": (world) => inVpc(world, { CidrBlock: "10.1.0.0/24" }),
      "InvalidParameterValue.TooLong": (world) => inVpc(world, { SubnetName: tooLong(60) }),
      "InvalidParameterValue.ZoneConflict": (world) => inVpc(world, { Zone: "ap-beijing-3" }),
      MissingParameter: async (world) => ({ VpcId: await world.vpc(), SubnetName: "s", Zone: zone }),
      ResourceNotFound: () => ({ VpcId: nowhere.vpc, ...own }),
      UnsupportedOperation: (world) => inVpc(world, { CdcId: "cluster-1" }),
    },
  },
  CreateSubnets: {
    success: {
      ask: async (world) => ({ VpcId: await world.vpc(), Subnets: [own, { ...own, CidrBlock: "10.0.2.0/24" }] }),
      then: ({ SubnetSet }) => expect(SubnetSet.map(({ CidrBlock }) => CidrBlock)).toEqual(["10.0.1.0/24", "10.0.2.0/24"]),
    },
    refusals: {
      ...tagRefusals((world) => several(world, {})),
      "InvalidParameterValue.LimitExceeded": (world) => several(world, ...many(101, (index) => ({ CidrBlock: `10.0.${index}.0/24` }))),
      "InvalidParameterValue.Malformed": (world) => several(world, { CidrBlock: "10.0.0.0" }),
      // The first one was made, and is taken back.
      "InvalidParameterValue.SubnetConflict": (world) => several(world, {}, { CidrBlock: "10.0.1.128/25" }),
      "InvalidParameterValue.SubnetRange": (world) => several(world, { CidrBlock: "10.0.1.0/29" }),
      "InvalidParameterValue.TooLong": (world) => several(world, { SubnetName: tooLong(60) }),
      "InvalidParameterValue.ZoneConflict": (world) => several(world, { Zone: "ap-beijing-3" }),
      ResourceNotFound: (world) => several(world, { RouteTableId: nowhere.rtb }),
      "UnknownParameter.WithGuess": (world) => several(world, { SubnetNam: "x" }),
    },
  },
  DescribeSubnets: {
    success: {
      async ask(world) {
        const { VpcId } = await world.subnet();
        await world.subnet(VpcId, "10.0.2.0/24");
        await world.subnet(VpcId, "10.0.3.0/24");
        return { Filters: [{ Name: "vpc-id", Values: [VpcId] }], MaxResults: 2 };
      },
      async then({ SubnetSet, TotalCount, NextToken }, { call }, { Filters }) {
        expect(TotalCount).toBe(3);
        const rest = await call("DescribeSubnets", { Filters, MaxResults: 2, NextToken });
        const blocks = [...SubnetSet, ...rest.SubnetSet].map(({ CidrBlock }) => CidrBlock);
        expect(blocks).toEqual(["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]);
        expect(rest.NextToken).toBe("");
      },
    },
    refusals: {
      ...listingRefusals("DescribeSubnets", "SubnetIds", nowhere.subnet),
      "InvalidParameterValue.Empty": () => ({ NextToken: "" }),
    },
  },
  ModifySubnetAttribute: {
    success: {
      ask: async (world) => ({ SubnetId: (await world.subnet()).SubnetId, SubnetName: "other", EnableBroadcast: true }),
      async then(_answer, { call }, { SubnetId }) {
        const { SubnetSet } = await call("DescribeSubnets", { SubnetIds: [SubnetId] });
        expect(SubnetSet[0]).toMatchObject({ SubnetName: "other", EnableBroadcast: true });
      },
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ SubnetId: "s", SubnetName: "x" }),
      "InvalidParameterValue.TooLong": () => ({ SubnetId: nowhere.subnet, SubnetName: tooLong(60) }),
      InvalidParameter: () => ({ SubnetId: nowhere.subnet, EnableBroadcast: "perhaps" }),
      ResourceNotFound: () => ({ SubnetId: nowhere.subnet }),
    },
  },
  DeleteSubnet: {
    success: {
      ask: async (world) => ({ SubnetId: (await world.subnet()).SubnetId }),
      async then(_answer, { call }, { SubnetId }) {
        expect((await call("DescribeSubnets", { Filters: [{ Name: "subnet-id", Values: [SubnetId] }] })).TotalCount).toBe(0);
      },
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ SubnetId: "s" }),
      async ResourceInUse(world) {
        const ids = await world.subnet();
        await world.eni(ids);
        return { SubnetId: ids.SubnetId };
      },
      ResourceNotFound: () => ({ SubnetId: nowhere.subnet }),
    },
  },
};
