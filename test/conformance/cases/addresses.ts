/** EIPs. */
import { expect } from "vitest";
import { type Cases, many, nowhere, tooLong } from "../world.ts";

const place = { NetworkInterfaceId: nowhere.eni, PrivateIpAddress: "10.0.1.9" };

export const addressCases: Cases = {
  AllocateAddresses: {
    success: {
      ask: () => ({ AddressCount: 2, AddressName: "front", InternetMaxBandwidthOut: 5, Tags: [{ Key: "a", Value: "1" }], ClientToken: "two" }),
      async then({ AddressSet, TaskId }, { call }, request) {
        const described = await call("DescribeAddresses", { AddressIds: AddressSet });
        const expected = { AddressName: "front", AddressStatus: "UNBIND", Bandwidth: 5, TagSet: [{ Key: "a", Value: "1" }] };
        expect(described.AddressSet).toMatchObject(AddressSet.map((AddressId) => ({ AddressId, ...expected })));
        expect((await call("AllocateAddresses", request)).AddressSet).toEqual(AddressSet);
        expect(await call("DescribeTaskResult", { TaskId: Number(TaskId) })).toMatchObject({ Result: "SUCCESS" });
      },
    },
    refusals: {
      async InvalidParameterConflict(world) {
        const ClientToken = world.name();
        await world.call("AllocateAddresses", { ClientToken });
        return { ClientToken, AddressCount: 2 };
      },
      async "InvalidParameterValue.AddressIpNotAvailable"(world) {
        const { AddressSet } = await world.call("DescribeAddresses", { AddressIds: [await world.eip()] });
        return { VipCluster: [AddressSet[0]!.AddressIp] };
      },
      "InvalidParameterValue.BandwidthOutOfRange": () => ({ InternetMaxBandwidthOut: 201 }),
      "InvalidParameterValue.Combination": () => ({ AddressCount: 2, VipCluster: ["198.51.100.1"] }),
      "InvalidParameterValue.InvalidTag": () => ({ Tags: [{ Key: tooLong(127) }] }),
      "InvalidParameterValue.Range": () => ({ AddressCount: 0 }),
      "LimitExceeded.TagQuota": () => ({ Tags: many(51, (index) => ({ Key: `k${index}` })) }),
      UnsupportedOperation: () => ({ AddressType: "AnycastEIP" }),
    },
  },
  DescribeAddresses: {
    success: {
      async ask(world) {
        const { AddressId } = await world.boundEip();
        return { Filters: [{ Name: "address-id", Values: [AddressId] }, { Name: "address-status", Values: ["BIND_ENI"] }] };
      },
      then: ({ AddressSet, TotalCount }) => {
        expect(TotalCount).toBe(1);
        expect(AddressSet[0]).toMatchObject({ PrivateAddressIp: "10.0.1.9", InstanceId: "", InstanceType: "ENI" });
      },
    },
    refusals: {
      "InvalidParameter.InvalidFilter": () => ({ Filters: [{ Name: "colour", Values: ["red"] }] }),
      "InvalidParameterValue.AddressIdMalformed": () => ({ AddressIds: ["e"] }),
      "InvalidParameterValue.LimitExceeded": () => ({ AddressIds: many(101, () => nowhere.eip) }),
      InvalidParameter: () => ({ AddressIds: [nowhere.eip], Filters: [{ Name: "address-id", Values: ["x"] }] }),
      "LimitExceeded.NumberOfFilters": () => ({ Filters: many(11, () => ({ Name: "address-id", Values: ["x"] })) }),
    },
  },
  AssociateAddress: {
    success: {
      async ask(world) {
        const { InstanceId } = await world.attached();
        return { AddressId: await world.eip(), InstanceId };
      },
      async then({ TaskId }, { call }, { AddressId, InstanceId }) {
        expect(TaskId).toMatch(/^\d+$/);
        const [address] = (await call("DescribeAddresses", { AddressIds: [AddressId] })).AddressSet;
        expect(address).toMatchObject({ AddressStatus: "BIND", InstanceId, InstanceType: "CVM" });
        const Filters = [{ Name: "public-address-ip", Values: [address!.AddressIp] }];
        const { NetworkInterfaceSet } = await call("DescribeNetworkInterfaces", { Filters });
        expect(NetworkInterfaceSet[0]!.PrivateIpAddressSet[0]).toMatchObject({ AddressId, PublicIpAddress: address!.AddressIp });
      },
    },
    refusals: {
      "FailedOperation.AddressEniInfoNotFound": async (world) => ({ ...place, AddressId: await world.eip(), NetworkInterfaceId: await world.eni() }),
      "InvalidAddressId.NotFound": () => ({ ...place, AddressId: nowhere.eip }),
      async "InvalidInstanceId.AlreadyBindEip"(world) {
        const { InstanceId } = await world.attached();
        await world.call("AssociateAddress", { AddressId: await world.eip(), InstanceId });
        return { AddressId: await world.eip(), InstanceId };
      },
      "InvalidInstanceId.NotFound": async (world) => ({ AddressId: await world.eip(), InstanceId: world.instance() }),
      "InvalidNetworkInterfaceId.NotFound": async (world) => ({ ...place, AddressId: await world.eip() }),
      "InvalidParameterValue.AddressIdMalformed": () => ({ ...place, AddressId: "e" }),
      "InvalidParameterValue.Combination": async (world) => ({ ...place, AddressId: await world.eip(), InstanceId: world.instance() }),
      "InvalidParameterValue.InstanceIdMalformed": () => ({ AddressId: nowhere.eip, InstanceId: "i" }),
      "InvalidParameterValue.MissingAssociateEntity": async (world) => ({ AddressId: await world.eip() }),
      "InvalidPrivateIpAddress.AlreadyBindEip": async (world) => ({ ...(await world.boundEip()), AddressId: await world.eip() }),
      "UnsupportedOperation.AddressStatusNotPermit": (world) => world.boundEip(),
    },
  },
  DisassociateAddress: {
    success: {
      ask: async (world) => ({ AddressId: (await world.boundEip()).AddressId }),
      async then(_answer, { call }, { AddressId }) {
        const { AddressSet } = await call("DescribeAddresses", { AddressIds: [AddressId] });
        expect(AddressSet[0]).toMatchObject({ AddressStatus: "UNBIND", NetworkInterfaceId: "", PrivateAddressIp: "" });
      },
    },
    refusals: {
      "InvalidAddressId.NotFound": () => ({ AddressId: nowhere.eip }),
      "InvalidAddressIdStatus.NotPermit": async (world) => ({ AddressId: await world.eip() }),
      "InvalidParameterValue.AddressIdMalformed": () => ({ AddressId: "e" }),
    },
  },
  ReleaseAddresses: {
    success: {
      ask: async (world) => ({ AddressIds: [await world.eip(), await world.eip()] }),
      then: async (_answer, { call }, { AddressIds }) => expect((await call("DescribeAddresses", { AddressIds })).TotalCount).toBe(0),
    },
    refusals: {
      "InvalidAddressId.NotFound": () => ({ AddressIds: [nowhere.eip] }),
      InvalidAddressState: async (world) => ({ AddressIds: [(await world.boundEip()).AddressId] }),
      "InvalidParameterValue.AddressIdMalformed": () => ({ AddressIds: ["e"] }),
    },
  },
  DescribeTaskResult: {
    success: {
      ask: async (world) => ({ TaskId: Number((await world.call("ReleaseAddresses", { AddressIds: [await world.eip()] })).TaskId) }),
      then: (answer, _world, { TaskId }) => expect(answer).toEqual({ TaskId, Result: "SUCCESS" }),
    },
    refusals: {
      InvalidParameterValue: () => ({ TaskId: 123_456_789 }),
      MissingParameter: () => ({}),
    },
  },
};
