/** The control plane's actions, in the process and over HTTP: what they do, list and refuse. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Call } from "../../src/wire/actions.ts";
import { wholeIndex } from "../support/network.ts";
import { outcome, type Way, ways } from "../support/ways.ts";

const zone = "ap-guangzhou-3";

describe.each(["in the process", "over HTTP with our client"] as const)("%s", (name) => {
  let way: Way;
  let call: Call;

  beforeAll(async () => {
    way = await ways[name]();
    call = way.call;
  });

  afterAll(() => way.close());

  const newVpc = async (VpcName = "v", CidrBlock = "10.0.0.0/16") => (await call("CreateVpc", { VpcName, CidrBlock })).Vpc.VpcId;
  const newSubnet = async (VpcId: string, CidrBlock: string) =>
    (await call("CreateSubnet", { VpcId, SubnetName: "s", Zone: zone, CidrBlock })).Subnet.SubnetId;
  const newEni = async (VpcId: string, SubnetId: string, address?: string) => {
    const request = { VpcId, SubnetId, NetworkInterfaceName: "e" };
    const whole = address === undefined ? request : { ...request, PrivateIpAddresses: [{ PrivateIpAddress: address }] };
    return (await call("CreateNetworkInterface", whole)).NetworkInterface.NetworkInterfaceId;
  };
  let counter = 0;
  const newTopic = async () => {
    const { LogsetId } = await call("CreateLogset", { LogsetName: `l${++counter}` });
    return { LogsetId, TopicId: (await call("CreateTopic", { LogsetId, TopicName: "t" })).TopicId };
  };

  describe("Vpc", () => {
    test("is made, described, changed and deleted", async () => {
      const request = { VpcName: "life", CidrBlock: "10.1.0.0/16", Tags: [{ Key: "env", Value: "test" }], DnsServers: ["10.1.0.2"] };
      const { Vpc } = await call("CreateVpc", request);
      expect(Vpc).toMatchObject({ VpcName: "life", CidrBlock: "10.1.0.0/16", TagSet: request.Tags, DnsServerSet: ["10.1.0.2"], IsDefault: false });
      expect(Vpc.VpcId).toMatch(/^vpc-[0-9a-z]{8}$/);
      await call("ModifyVpcAttribute", { VpcId: Vpc.VpcId, VpcName: "other" });
      const described = await call("DescribeVpcs", { VpcIds: [Vpc.VpcId] });
      expect(described).toMatchObject({ TotalCount: 1, VpcSet: [{ ...Vpc, VpcName: "other" }] });
      await call("DeleteVpc", { VpcId: Vpc.VpcId });
      expect(await outcome(call("DescribeVpcs", { VpcIds: [Vpc.VpcId] }))).toContain("ResourceNotFound");
      expect(await outcome(call("DeleteVpc", { VpcId: Vpc.VpcId }))).toContain("ResourceNotFound");
    });

    test("is listed by filters, page by page", async () => {
      for (let index = 0; index < 5; index++) await newVpc(`paged-${index}`, `172.${16 + index}.0.0/16`);
      const byName = { Filters: [{ Name: "vpc-name", Values: ["paged"] }] };
      expect((await call("DescribeVpcs", byName)).TotalCount).toBe(5);
      const page = await call("DescribeVpcs", { ...byName, Offset: 3, Limit: 10 });
      expect(page.VpcSet.map(({ VpcName }) => VpcName)).toEqual(["paged-3", "paged-4"]);
      const both = [...byName.Filters, { Name: "cidr-block", Values: ["172.16.0.0/16", "172.17.0.0/16"] }];
      expect((await call("DescribeVpcs", { Filters: both })).TotalCount).toBe(2);
      expect(await outcome(call("DescribeVpcs", { Filters: [{ Name: "colour", Values: ["red"] }] }))).toContain('InvalidParameter.FilterInvalidKey');
      expect(await outcome(call("DescribeVpcs", { ...byName, VpcIds: [] }))).toContain("InvalidParameter.Coexist");
    });

    test("does not go while something is in it", async () => {
      const vpc = await newVpc();
      const subnet = await newSubnet(vpc, "10.0.1.0/24");
      expect(await outcome(call("DeleteVpc", { VpcId: vpc }))).toContain(`ResourceInUse: `);
      await call("DeleteSubnet", { SubnetId: subnet });
      expect(await outcome(call("DeleteVpc", { VpcId: vpc }))).toBe("fine");
    });
  });

  describe("Subnet", () => {
    test("lies in its VPC and apart from others", async () => {
      const vpc = await newVpc();
      await newSubnet(vpc, "10.0.1.0/24");
      const refusals = [
        ["10.1.0.0/24", "InvalidParameterValue.SubnetRange", 'CidrBlock: "10.1.0.0/24" is outside VPC'],
        ["10.0.1.128/25", "InvalidParameterValue.SubnetConflict", 'CidrBlock: "10.0.1.128/25" overlaps 10.0.1.0/24'],
        ["10.0.0.0/15", "InvalidParameterValue.SubnetRange", 'CidrBlock: "10.0.0.0/15"'],
        ["10.0.2.0/29", "InvalidParameterValue.SubnetRange", "/16 to /28"],
      ] as const;
      for (const [block, code, words] of refusals) {
        const found = await outcome(newSubnet(vpc, block));
        expect(found).toContain(code);
        expect(found).toContain(words);
      }
      expect(await outcome(newSubnet("vpc-00000000", "10.0.3.0/24"))).toContain('ResourceNotFound: ');
    });

    test("counts its addresses", async () => {
      const vpc = await newVpc();
      const subnet = await newSubnet(vpc, "10.0.1.0/24");
      await newEni(vpc, subnet);
      const { SubnetSet } = await call("DescribeSubnets", { SubnetIds: [subnet] });
      expect(SubnetSet[0]).toMatchObject({ TotalIpAddressCount: 253, AvailableIpAddressCount: 252, Zone: zone });
    });
  });

  describe("NetworkInterface", () => {
    test("is PENDING in the answer and AVAILABLE afterwards", async () => {
      const vpc = await newVpc();
      const subnet = await newSubnet(vpc, "10.0.1.0/24");
      const { NetworkInterface } = await call("CreateNetworkInterface", { VpcId: vpc, SubnetId: subnet, NetworkInterfaceName: "e" });
      expect(NetworkInterface).toMatchObject({ State: "PENDING", PrivateIpAddressSet: [{ PrivateIpAddress: "10.0.1.2", Primary: true }] });
      const { NetworkInterfaceSet } = await call("DescribeNetworkInterfaces", { NetworkInterfaceIds: [NetworkInterface.NetworkInterfaceId] });
      expect(NetworkInterfaceSet[0]).toMatchObject({ State: "AVAILABLE", Zone: zone });
    });

    test("takes only addresses that are free, inside, and not reserved", async () => {
      const vpc = await newVpc();
      const subnet = await newSubnet(vpc, "10.0.1.0/24");
      await newEni(vpc, subnet, "10.0.1.9");
      const refusals = [
        ["10.0.1.9", "ResourceInUse", 'PrivateIpAddresses.0.PrivateIpAddress: "10.0.1.9" is taken'],
        ["10.0.2.9", "InvalidParameterValue.Range", "is outside subnet"],
        ["10.0.1.0", "InvalidParameterValue.Reserved", "is reserved"],
        ["10.0.1.1", "InvalidParameterValue.Reserved", "is reserved"],
        ["10.0.1.255", "InvalidParameterValue.Reserved", "is reserved"],
        ["ten", "InvalidParameterValue.Malformed", "must be an IPv4 address"],
      ] as const;
      for (const [address, code, words] of refusals) {
        const found = await outcome(newEni(vpc, subnet, address));
        expect(found).toContain(code);
        expect(found).toContain(words);
      }
      const other = await newVpc();
      expect(await outcome(newEni(other, subnet))).toContain("UnsupportedOperation.ResourceMismatch");
    });

    test("of a full subnet there is no more", async () => {
      const vpc = await newVpc();
      const subnet = await newSubnet(vpc, "10.0.1.0/28");
      for (let made = 0; made < 13; made++) await newEni(vpc, subnet);
      expect(await outcome(newEni(vpc, subnet))).toContain("ResourceInsufficient.Subnet");
    });
  });

  describe("SecurityGroup", () => {
    const rule = { Protocol: "tcp", Port: "22", CidrBlock: "0.0.0.0/8", Action: "accept" };

    test("keeps its rules in the cloud's spelling, replaced as a whole", async () => {
      const request = { GroupName: "g", GroupDescription: "d", SecurityGroupPolicySet: { Ingress: [rule], Egress: [] } };
      const { SecurityGroup } = await call("CreateSecurityGroupWithPolicies", request);
      const id = { SecurityGroupId: SecurityGroup.SecurityGroupId };
      const first = (await call("DescribeSecurityGroupPolicies", id)).SecurityGroupPolicySet;
      expect(first.Ingress[0]).toMatchObject({ PolicyIndex: 0, Protocol: "TCP", Port: "22", CidrBlock: "0.0.0.0/0", Action: "ACCEPT" });
      expect(first.Version).toBe("0");
      const Egress = [{ Protocol: "ALL", CidrBlock: "10.0.0.7/8", Action: "DROP" }];
      await call("ModifySecurityGroupPolicies", { ...id, SecurityGroupPolicySet: { Ingress: [], Egress } });
      const second = (await call("DescribeSecurityGroupPolicies", id)).SecurityGroupPolicySet;
      expect(second).toMatchObject({ Version: "1", Ingress: [], Egress: [{ Protocol: "ALL", Port: "ALL", CidrBlock: "10.0.0.0/8", Action: "DROP" }] });
      const stale = call("ModifySecurityGroupPolicies", { ...id, SecurityGroupPolicySet: { Version: "2", Ingress: [], Egress } });
      expect(await outcome(stale)).toContain('UnsupportedOperation.VersionMismatch');
    });

    test("refuses rules that make no sense", async () => {
      const make = (Ingress: object[]) =>
        outcome(call("CreateSecurityGroupWithPolicies", { GroupName: "g", GroupDescription: "", SecurityGroupPolicySet: { Ingress: Ingress as [] } }));
      expect(await make([rule, { ...rule, Protocol: "TCP" }])).toContain("UnsupportedOperation.DuplicatePolicy");
      expect(await make([{ ...rule, Protocol: "ICMP" }])).toContain('Port: "22" needs Protocol TCP or UDP');
      expect(await make([{ Protocol: "ICMP", Ipv6CidrBlock: "::/0", Action: "ACCEPT" }])).toContain("use ICMPv6");
      expect(await make([{ SecurityGroupId: "sg-00000000", Action: "ACCEPT" }])).toContain("ResourceNotFound");
      expect(await make(Array.from({ length: 101 }, (_, index) => ({ ...rule, Port: String(index + 1) })))).toContain("LimitExceeded.SecurityGroupPolicySet");
    });

    test("does not go while an ENI is in it or a rule names it", async () => {
      const vpc = await newVpc();
      const subnet = await newSubnet(vpc, "10.0.1.0/24");
      const group = async (Ingress: object[] = []) =>
        (await call("CreateSecurityGroupWithPolicies", { GroupName: "g", GroupDescription: "", SecurityGroupPolicySet: { Ingress: Ingress as [] } }))
          .SecurityGroup.SecurityGroupId;
      const named = await group();
      const naming = await group([{ SecurityGroupId: named, Action: "ACCEPT" }]);
      expect(await outcome(call("DeleteSecurityGroup", { SecurityGroupId: named }))).toContain(`ResourceInUse`);
      await call("CreateNetworkInterface", { VpcId: vpc, SubnetId: subnet, NetworkInterfaceName: "e", SecurityGroupIds: [naming] });
      expect(await outcome(call("DeleteSecurityGroup", { SecurityGroupId: naming }))).toContain("ResourceInUse");
      expect(await outcome(call("DeleteSecurityGroup", { SecurityGroupId: "sg-00000000" }))).toContain("InvalidSecurityGroupID.NotFound");
    });
  });

  describe("NetworkAcl", () => {
    test("stands at subnets of its VPC", async () => {
      const vpc = await newVpc();
      const subnet = await newSubnet(vpc, "10.0.1.0/24");
      const { NetworkAcl } = await call("CreateNetworkAcl", { VpcId: vpc, NetworkAclName: "a" });
      const id = { NetworkAclId: NetworkAcl.NetworkAclId };
      const Ingress = [{ Protocol: "TCP", Port: "80", CidrBlock: "0.0.0.0/0", Action: "ACCEPT" }];
      await call("ModifyNetworkAclEntries", { ...id, NetworkAclEntrySet: { Ingress } });
      await call("AssociateNetworkAclSubnets", { ...id, SubnetIds: [subnet] });
      const { NetworkAclSet } = await call("DescribeNetworkAcls", { NetworkAclIds: [NetworkAcl.NetworkAclId] });
      expect(NetworkAclSet[0]).toMatchObject({ SubnetSet: [{ SubnetId: subnet }], IngressEntries: [{ ...Ingress[0], Priority: 1 }], EgressEntries: [] });
      expect(await outcome(call("DeleteNetworkAcl", id))).toContain("ResourceInUse");
      const foreign = await newSubnet(await newVpc(), "10.0.1.0/24");
      expect(await outcome(call("AssociateNetworkAclSubnets", { ...id, SubnetIds: [foreign] }))).toContain("UnsupportedOperation.VpcMismatch");
      await call("DisassociateNetworkAclSubnets", { ...id, SubnetIds: [subnet] });
      expect(await outcome(call("DeleteNetworkAcl", id))).toBe("fine");
    });

    test("takes rules of its own form only", async () => {
      const { NetworkAcl } = await call("CreateNetworkAcl", { VpcId: await newVpc(), NetworkAclName: "q", NetworkAclType: "QUINTUPLE" });
      const request = { NetworkAclId: NetworkAcl.NetworkAclId, NetworkAclEntrySet: { Ingress: [] } };
      expect(await outcome(call("ModifyNetworkAclEntries", request))).toContain("InvalidParameter.AclTypeMismatch");
    });
  });

  describe("Logset, Topic, Index", () => {
    test("names are their own, and a logset with topics stays", async () => {
      const { LogsetId, TopicId } = await newTopic();
      expect(await outcome(call("CreateLogset", { LogsetName: `l${counter}` }))).toContain("InvalidParameter.LogsetConflict");
      expect(await outcome(call("CreateTopic", { LogsetId, TopicName: "t" }))).toContain("InvalidParameter.TopicConflict");
      expect(await outcome(call("CreateTopic", { LogsetId, TopicName: "cls_service_log" }))).toContain("is reserved by the log service");
      expect(await outcome(call("DeleteLogset", { LogsetId }))).toContain("FailedOperation.LogsetNotEmpty");
      await call("DeleteTopic", { TopicId });
      await call("DeleteLogset", { LogsetId });
      expect(await outcome(call("DeleteLogset", { LogsetId }))).toContain("ResourceNotFound.LogsetNotExist");
    });

    test("a topic's retention is what its storage has", async () => {
      const { LogsetId } = await newTopic();
      const make = (options: object) => outcome(call("CreateTopic", { LogsetId, TopicName: "p", ...options }));
      expect(await make({ Period: 3601 })).toContain("FailedOperation.InvalidPeriod: ");
      expect(await make({ StorageType: "cold", Period: 6 })).toContain("FailedOperation.InvalidPeriod");
      expect(await make({ Period: 30, HotPeriod: 30 })).toContain("FailedOperation.InvalidPeriod");
      expect(await make({ Period: 3640 })).toBe("fine");
    });

    test("a topic has one index, described as it was given", async () => {
      const { TopicId } = await newTopic();
      expect(await outcome(call("DescribeIndex", { TopicId }))).toContain("ResourceNotFound.IndexNotExist");
      await call("CreateIndex", { TopicId, Rule: wholeIndex });
      expect(await outcome(call("CreateIndex", { TopicId, Rule: wholeIndex }))).toContain("InvalidParameter.IndexConflict");
      expect(await call("DescribeIndex", { TopicId })).toMatchObject({ Status: true, Rule: wholeIndex });
      const { Topics } = await call("DescribeTopics", { Filters: [{ Key: "topicId", Values: [TopicId] }] });
      expect(Topics[0]).toMatchObject({ Index: true, PartitionCount: 1, Period: 30, StorageType: "hot" });
      await call("DeleteIndex", { TopicId });
      expect(await outcome(call("SearchLog", { TopicId, From: 0, To: 1 }))).toContain("ResourceNotFound.IndexNotExist");
      expect(await outcome(call("CreateIndex", { TopicId, Rule: {} }))).toContain("Rule: one of FullText, KeyValue, Tag");
    });
  });

  describe("FlowLog", () => {
    test("watches one resource, which has no other", async () => {
      const vpc = await newVpc();
      const subnet = await newSubnet(vpc, "10.0.1.0/24");
      const eni = await newEni(vpc, subnet);
      const { TopicId } = await newTopic();
      const request = { FlowLogName: "f", VpcId: vpc, ResourceType: "NETWORKINTERFACE", ResourceId: eni, TrafficType: "ALL", CloudLogId: TopicId } as const;
      const { FlowLog } = await call("CreateFlowLog", request);
      expect(FlowLog).toHaveLength(1);
      expect(FlowLog[0]).toMatchObject({ ...request, CloudLogState: "SUCCESS", Enable: true, StorageType: "cls", Period: null, CloudLogRegion: "ap-guangzhou" });
      expect(await outcome(call("CreateFlowLog", request))).toContain("UnsupportedOperation.FlowLogInstanceExisted: ");
      // The VPC is another resource, although the ENI is in it.
      expect(await outcome(call("CreateFlowLog", { ...request, ResourceType: "VPC", ResourceId: vpc }))).toBe("fine");
      expect(await outcome(call("DeleteNetworkInterface", { NetworkInterfaceId: eni }))).toContain("ResourceInUse");
    });

    test("is refused where what it names is not there", async () => {
      const vpc = await newVpc();
      const other = await newVpc();
      const { TopicId } = await newTopic();
      const request = { FlowLogName: "f", VpcId: vpc, ResourceType: "VPC", ResourceId: vpc, TrafficType: "ALL", CloudLogId: TopicId } as const;
      const make = (changed: object) => outcome(call("CreateFlowLog", { ...request, ...changed }));
      expect(await make({ CloudLogId: "00000000-0000-4000-8000-000000000000" })).toContain("is no topic of this account");
      expect(await make({ ResourceType: "NETWORKINTERFACE", ResourceId: "eni-00000000" })).toContain('ResourceId (NETWORKINTERFACE): "eni-00000000" does not exist');
      expect(await make({ ResourceType: "SUBNET", ResourceId: vpc })).toContain("ResourceNotFound");
      expect(await make({ ResourceId: other })).toContain(`is in ${other}, not in VpcId ${vpc}`);
      expect(await make({ VpcId: "vpc-00000000" })).toContain("ResourceNotFound");
      for (const kind of ["NAT", "CCN", "DCG", "VPNGW", "PEERING", "CDB", "CLASSIC"]) {
        expect(await make({ ResourceType: kind })).toContain(`UnsupportedOperation: `);
      }
    });

    test("is listed by every field, the newest first", async () => {
      const vpc = await newVpc();
      const { TopicId } = await newTopic();
      const make = async (type: "VPC" | "SUBNET", id: string, FlowLogName: string, TrafficType: "ALL" | "REJECT") =>
        (await call("CreateFlowLog", { FlowLogName, VpcId: vpc, ResourceType: type, ResourceId: id, TrafficType, CloudLogId: TopicId, Tags: [{ Key: "n", Value: FlowLogName }] })).FlowLog[0]!;
      const a = await make("VPC", vpc, "a", "ALL");
      const b = await make("SUBNET", await newSubnet(vpc, "10.0.1.0/24"), "b", "REJECT");
      const names = async (request: object) => (await call("DescribeFlowLogs", { VpcId: vpc, ...request })).FlowLog.map(({ FlowLogName }) => FlowLogName);
      expect((await names({})).toSorted()).toEqual(["a", "b"]);
      expect(await names({ OrderField: "flowLogName", OrderDirection: "ASC" })).toEqual(["a", "b"]);
      expect(await names({ OrderField: "flowLogName", OrderDirection: "DESC", Limit: 1 })).toEqual(["b"]);
      expect(await names({ FlowLogId: a.FlowLogId })).toEqual(["a"]);
      expect(await names({ ResourceId: b.ResourceId })).toEqual(["b"]);
      expect(await names({ TrafficType: "REJECT" })).toEqual(["b"]);
      expect(await names({ ResourceType: "VPC", CloudLogId: TopicId })).toEqual(["a"]);
      expect(await names({ Filters: [{ Name: "tag:n", Values: ["b"] }] })).toEqual(["b"]);
      await call("DeleteTopic", { TopicId });
      expect((await names({ CloudLogState: "DELETED" })).toSorted()).toEqual(["a", "b"]);
    });

    test("is switched, renamed and deleted; logset and topic stay", async () => {
      const vpc = await newVpc();
      const { LogsetId, TopicId } = await newTopic();
      const { FlowLog } = await call("CreateFlowLog", { FlowLogName: "f", VpcId: vpc, ResourceType: "VPC", ResourceId: vpc, TrafficType: "ALL", CloudLogId: TopicId });
      const id = FlowLog[0]!.FlowLogId;
      const shown = async () => (await call("DescribeFlowLogs", { FlowLogId: id })).FlowLog[0];
      await call("DisableFlowLogs", { FlowLogIds: [id] });
      expect(await shown()).toMatchObject({ Enable: false });
      await call("EnableFlowLogs", { FlowLogIds: [id] });
      await call("ModifyFlowLogAttribute", { FlowLogId: id, VpcId: vpc, FlowLogName: "g" });
      expect(await shown()).toMatchObject({ Enable: true, FlowLogName: "g" });
      expect(await outcome(call("DeleteFlowLog", { FlowLogId: id, VpcId: "vpc-00000000" }))).toContain("ResourceNotFound");
      await call("DeleteFlowLog", { FlowLogId: id, VpcId: vpc });
      expect(await outcome(call("DeleteFlowLog", { FlowLogId: id, VpcId: vpc }))).toContain("ResourceNotFound");
      expect((await call("DescribeTopics", { Filters: [{ Key: "logsetId", Values: [LogsetId] }] })).TotalCount).toBe(1);
    });
  });

  test("the tag service reads and changes the tags of everything that has them", async () => {
    const vpc = await newVpc();
    const modify = (request: object) => call("ModifyResourceTags", { Resource: `qcs::vpc:ap-guangzhou:uin/:vpc/${vpc}`, ...request });
    await modify({ ReplaceTags: [{ TagKey: "a", TagValue: "1" }, { TagKey: "b", TagValue: "2" }] });
    await modify({ ReplaceTags: [{ TagKey: "a", TagValue: "3" }], DeleteTags: [{ TagKey: "b" }] });
    const answer = await call("DescribeResourceTagsByResourceIds", {
      ServiceType: "vpc",
      ResourcePrefix: "vpc",
      ResourceIds: [vpc, "vpc-00000000"],
      ResourceRegion: "ap-guangzhou",
    });
    expect(answer).toMatchObject({ TotalCount: 1, Offset: 0, Limit: 15, Tags: [{ TagKey: "a", TagValue: "3", ResourceId: vpc }] });
    expect((await call("DescribeVpcs", { Filters: [{ Name: "tag:a", Values: ["3"] }] })).TotalCount).toBe(1);
    expect(await outcome(modify({}))).toContain("MissingParameter");
    expect(await outcome(call("ModifyResourceTags", { Resource: "vpc", DeleteTags: [] }))).toContain("six-part resource name");
  });
});
