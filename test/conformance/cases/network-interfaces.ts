/** ENIs, their groups, and the instances they are bound to. */
import { expect } from "vitest";
import { type Cases, listingRefusals, many, nowhere, tagRefusals, tooLong, type World } from "../world.ts";

const inSubnet = async (world: World, other: object = {}) => ({ ...(await world.subnet()), NetworkInterfaceName: "e", ...other });
const inNarrowSubnet = async (world: World) => ({ ...(await world.subnet(undefined, "10.0.1.0/28")), NetworkInterfaceName: "e" });
const withAddress = (PrivateIpAddress: string) => (world: World) => inSubnet(world, { PrivateIpAddresses: [{ PrivateIpAddress }] });

export const networkInterfaceCases: Cases = {
  CreateNetworkInterface: {
    success: {
      async ask(world) {
        const SecurityGroupIds = [await world.group()];
        const PrivateIpAddresses = [{ PrivateIpAddress: "10.0.1.20" }, { PrivateIpAddress: "10.0.1.9", Primary: true, Description: "main" }];
        return { ...(await world.subnet()), NetworkInterfaceName: "e", SecurityGroupIds, PrivateIpAddresses, ClientToken: world.name() };
      },
      async then({ NetworkInterface }, { call }, request) {
        expect(NetworkInterface).toMatchObject({ State: "PENDING", GroupSet: request.SecurityGroupIds, Attachment: null });
        expect(NetworkInterface.PrivateIpAddressSet).toMatchObject([
          { PrivateIpAddress: "10.0.1.20", Primary: false },
          { PrivateIpAddress: "10.0.1.9", Primary: true, Description: "main" },
        ]);
        const again = await call("CreateNetworkInterface", request);
        expect(again.NetworkInterface).toEqual(NetworkInterface);
        const { NetworkInterfaceSet } = await call("DescribeNetworkInterfaces", { Filters: [{ Name: "subnet-id", Values: [request.SubnetId] }] });
        expect(NetworkInterfaceSet).toMatchObject([{ NetworkInterfaceId: NetworkInterface.NetworkInterfaceId, State: "AVAILABLE" }]);
      },
    },
    refusals: {
      ...tagRefusals(inSubnet),
      "InvalidParameterValue.LimitExceeded": (world) => inSubnet(world, { PrivateIpAddresses: many(11, (index) => ({ PrivateIpAddress: `10.0.1.${index + 2}` })) }),
      "InvalidParameterValue.Malformed": withAddress("ten"),
      "InvalidParameterValue.Range": withAddress("10.0.2.9"),
      "InvalidParameterValue.Reserved": withAddress("10.0.1.1"),
      "InvalidParameterValue.TooLong": (world) => inSubnet(world, { NetworkInterfaceName: tooLong(60) }),
      InvalidParameterValue: (world) =>
        inSubnet(world, { PrivateIpAddresses: [{ PrivateIpAddress: "10.0.1.2", Primary: true }, { PrivateIpAddress: "10.0.1.3", Primary: true }] }),
      LimitExceeded: (world) => inSubnet(world, { SecondaryPrivateIpAddressCount: 10 }),
      async ResourceInUse(world) {
        const ids = await world.subnet();
        const PrivateIpAddresses = [{ PrivateIpAddress: "10.0.1.9" }];
        await world.eni({ ...ids, PrivateIpAddresses });
        return { ...ids, NetworkInterfaceName: "e", PrivateIpAddresses };
      },
      async "ResourceInsufficient.Subnet"(world) {
        const request = await inNarrowSubnet(world);
        await world.eni({ ...request, SecondaryPrivateIpAddressCount: 9 });
        return { ...request, SecondaryPrivateIpAddressCount: 3 };
      },
      ResourceNotFound: (world) => inSubnet(world, { SecurityGroupIds: [nowhere.sg] }),
      async "UnsupportedOperation.IdempotentParameterMismatch"(world) {
        const request = { ...(await inSubnet(world)), ClientToken: world.name() };
        await world.call("CreateNetworkInterface", request);
        return { ...request, NetworkInterfaceName: "another" };
      },
      "UnsupportedOperation.ResourceMismatch": async (world) => inSubnet(world, { VpcId: await world.vpc() }),
      UnsupportedOperation: (world) => inSubnet(world, { IsRdma: true }),
    },
  },
  DescribeNetworkInterfaces: {
    success: {
      async ask(world) {
        const { NetworkInterfaceId, InstanceId } = await world.attached();
        const { NetworkInterfaceSet } = await world.call("DescribeNetworkInterfaces", { NetworkInterfaceIds: [NetworkInterfaceId] });
        const Filters = [
          { Name: "attachment.instance-id", Values: [InstanceId, world.instance()] },
          { Name: "vpc-id", Values: [NetworkInterfaceSet[0]!.VpcId] },
        ];
        return { Filters };
      },
      then({ NetworkInterfaceSet, TotalCount }, _world, { Filters }) {
        expect(TotalCount).toBe(1);
        const Attachment = { InstanceId: Filters![0]!.Values[0], DeviceIndex: 0 };
        expect(NetworkInterfaceSet[0]).toMatchObject({ Attachment, State: "AVAILABLE", NetworkInterfaceState: "INUSE" });
      },
    },
    refusals: listingRefusals("DescribeNetworkInterfaces", "NetworkInterfaceIds", nowhere.eni),
  },
  ModifyNetworkInterfaceAttribute: {
    success: {
      ask: async (world) => ({
        NetworkInterfaceId: await world.eni({ SecurityGroupIds: [await world.group()] }),
        NetworkInterfaceName: "other",
        NetworkInterfaceDescription: "told",
        SecurityGroupIds: [await world.group()],
      }),
      async then(_answer, { call }, { NetworkInterfaceId, SecurityGroupIds }) {
        const { NetworkInterfaceSet } = await call("DescribeNetworkInterfaces", { NetworkInterfaceIds: [NetworkInterfaceId] });
        const expected = { NetworkInterfaceName: "other", NetworkInterfaceDescription: "told", GroupSet: SecurityGroupIds };
        expect(NetworkInterfaceSet[0]).toMatchObject(expected);
      },
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ NetworkInterfaceId: "e" }),
      "InvalidParameterValue.TooLong": () => ({ NetworkInterfaceId: nowhere.eni, NetworkInterfaceDescription: tooLong(60) }),
      LimitExceeded: () => ({ NetworkInterfaceId: nowhere.eni, SecurityGroupIds: many(6, () => nowhere.sg) }),
      ResourceNotFound: async (world) => ({ NetworkInterfaceId: await world.eni(), SecurityGroupIds: [nowhere.sg] }),
    },
  },
  AssociateNetworkInterfaceSecurityGroups: {
    success: {
      async ask(world) {
        const [first, second] = (await world.groups(2)) as [string, string];
        const NetworkInterfaceIds = [await world.eni({ SecurityGroupIds: [first] }), await world.eni()];
        return { NetworkInterfaceIds, SecurityGroupIds: [first, second] };
      },
      async then(_answer, { call }, { NetworkInterfaceIds, SecurityGroupIds }) {
        const { NetworkInterfaceSet } = await call("DescribeNetworkInterfaces", { NetworkInterfaceIds });
        expect(NetworkInterfaceSet.map(({ GroupSet }) => GroupSet)).toEqual([SecurityGroupIds, SecurityGroupIds]);
      },
    },
    refusals: {
      "InvalidParameterValue.LimitExceeded": () => ({ NetworkInterfaceIds: many(101, () => nowhere.eni), SecurityGroupIds: [nowhere.sg] }),
      "InvalidParameterValue.Malformed": () => ({ NetworkInterfaceIds: ["e"], SecurityGroupIds: [nowhere.sg] }),
      LimitExceeded: async (world) => ({ NetworkInterfaceIds: [await world.eni()], SecurityGroupIds: await world.groups(6) }),
      ResourceNotFound: async (world) => ({ NetworkInterfaceIds: [await world.eni()], SecurityGroupIds: [nowhere.sg] }),
    },
  },
  DisassociateNetworkInterfaceSecurityGroups: {
    success: {
      async ask(world) {
        const groups = await world.groups(2);
        return { NetworkInterfaceIds: [await world.eni({ SecurityGroupIds: groups })], SecurityGroupIds: [groups[0]!] };
      },
      async then(_answer, { call }, { NetworkInterfaceIds, SecurityGroupIds }) {
        const { NetworkInterfaceSet } = await call("DescribeNetworkInterfaces", { NetworkInterfaceIds });
        expect(NetworkInterfaceSet[0]!.GroupSet).toHaveLength(1);
        expect(NetworkInterfaceSet[0]!.GroupSet).not.toContain(SecurityGroupIds[0]);
      },
    },
    refusals: {
      "InvalidParameterValue.LimitExceeded": () => ({ NetworkInterfaceIds: [nowhere.eni], SecurityGroupIds: many(101, () => nowhere.sg) }),
      "InvalidParameterValue.Malformed": () => ({ NetworkInterfaceIds: [nowhere.eni], SecurityGroupIds: ["s"] }),
      ResourceNotFound: async (world) => ({ NetworkInterfaceIds: [nowhere.eni], SecurityGroupIds: [await world.group()] }),
    },
  },
  AttachNetworkInterface: {
    success: {
      async ask(world) {
        const { InstanceId, NetworkInterfaceId } = await world.attached();
        const { NetworkInterfaceSet } = await world.call("DescribeNetworkInterfaces", { NetworkInterfaceIds: [NetworkInterfaceId] });
        const { VpcId, SubnetId } = NetworkInterfaceSet[0]!;
        return { NetworkInterfaceId: await world.eni({ VpcId, SubnetId }), InstanceId, AttachType: 1 };
      },
      async then({ RequestId }: { RequestId?: string }, { call }, { NetworkInterfaceId, InstanceId }) {
        expect(RequestId).toBeUndefined();
        const { NetworkInterfaceSet } = await call("DescribeNetworkInterfaces", { NetworkInterfaceIds: [NetworkInterfaceId] });
        expect(NetworkInterfaceSet[0]).toMatchObject({ Attachment: { InstanceId, DeviceIndex: 1 }, AttachType: 1 });
      },
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ NetworkInterfaceId: nowhere.eni, InstanceId: "i" }),
      ResourceNotFound: (world) => ({ NetworkInterfaceId: nowhere.eni, InstanceId: world.instance() }),
      "UnsupportedOperation.AttachmentAlreadyExists": (world) => world.attached(),
      async "UnsupportedOperation.IdempotentParameterMismatch"(world) {
        const request = { NetworkInterfaceId: await world.eni(), InstanceId: world.instance(), ClientToken: world.name() };
        await world.call("AttachNetworkInterface", request);
        return { ...request, InstanceId: world.instance() };
      },
      "UnsupportedOperation.InvalidState": async (world) => ({ ...(await world.attached()), InstanceId: world.instance() }),
      "UnsupportedOperation.VpcMismatch": async (world) => ({ ...(await world.attached()), NetworkInterfaceId: await world.eni() }),
      async "UnsupportedOperation.ZoneMismatch"(world) {
        const VpcId = await world.vpc();
        const there = await world.subnet(VpcId, "10.0.2.0/24", "ap-guangzhou-4");
        return { ...(await world.attached({ VpcId })), NetworkInterfaceId: await world.eni(there) };
      },
    },
  },
  DetachNetworkInterface: {
    success: {
      ask: (world) => world.attached(),
      async then(_answer, { call }, { NetworkInterfaceId }) {
        const { NetworkInterfaceSet } = await call("DescribeNetworkInterfaces", { NetworkInterfaceIds: [NetworkInterfaceId] });
        expect(NetworkInterfaceSet[0]).toMatchObject({ Attachment: null, NetworkInterfaceState: "AVAILABLE" });
      },
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ NetworkInterfaceId: "e", InstanceId: "ins-00000000" }),
      ResourceNotFound: (world) => ({ NetworkInterfaceId: nowhere.eni, InstanceId: world.instance() }),
      async "UnsupportedOperation.IdempotentParameterMismatch"(world) {
        const request = { ...(await world.attached()), ClientToken: world.name() };
        await world.call("DetachNetworkInterface", request);
        return { ...request, NetworkInterfaceId: await world.eni() };
      },
      "UnsupportedOperation.InvalidState": async (world) => ({ NetworkInterfaceId: await world.eni(), InstanceId: world.instance() }),
    },
  },
  DeleteNetworkInterface: {
    success: {
      ask: async (world) => ({ NetworkInterfaceId: (await world.boundEip()).NetworkInterfaceId }),
      async then(_answer, { call }, { NetworkInterfaceId }) {
        const named = [{ Name: "network-interface-id", Values: [NetworkInterfaceId] }];
        expect((await call("DescribeNetworkInterfaces", { Filters: named })).TotalCount).toBe(0);
        expect((await call("DescribeAddresses", { Filters: named })).TotalCount).toBe(0);
      },
    },
    refusals: {
      "InvalidParameterValue.Malformed": () => ({ NetworkInterfaceId: "e" }),
      async ResourceInUse(world) {
        const NetworkInterfaceId = await world.eni();
        const flowLog = await world.flowLogRequest();
        const { NetworkInterfaceSet } = await world.call("DescribeNetworkInterfaces", { NetworkInterfaceIds: [NetworkInterfaceId] });
        const { VpcId } = NetworkInterfaceSet[0]!;
        await world.call("CreateFlowLog", { ...flowLog, VpcId, ResourceType: "NETWORKINTERFACE", ResourceId: NetworkInterfaceId });
        return { NetworkInterfaceId };
      },
      ResourceNotFound: () => ({ NetworkInterfaceId: nowhere.eni }),
      "UnsupportedOperation.InvalidState": async (world) => ({ NetworkInterfaceId: (await world.attached()).NetworkInterfaceId }),
    },
  },
};
