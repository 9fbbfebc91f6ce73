/** The one validator: what it lets through, in which kinds, and how it refuses. */
import { describe, expect, test } from "vitest";
import { readRequest } from "../../src/wire/action.ts";
import { actions } from "../../src/wire/actions.ts";
import { ApiError } from "../../src/wire/errors.ts";

const flowLog = {
  FlowLogName: "web",
  VpcId: "vpc-1a2b3c4d",
  ResourceType: "VPC",
  ResourceId: "vpc-1a2b3c4d",
  TrafficType: "ALL",
  CloudLogId: "topic",
};

function refusal(action: keyof typeof actions, request: unknown): string {
  try {
    readRequest(actions[action], request);
  } catch (error) {
    if (error instanceof ApiError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "accepted";
}

const refused: [action: keyof typeof actions, request: object, words: string][] = [
  ["CreateFlowLog", { ...flowLog, TrafficType: "BOTH" }, 'InvalidParameterValue.Range: TrafficType: "BOTH" must be one of ACCEPT, REJECT, ALL'],
  ["CreateFlowLog", { ...flowLog, TrafficType: "all" }, 'InvalidParameterValue.Range: TrafficType: "all"'],
  ["CreateFlowLog", { ...flowLog, TrafficType: undefined }, "MissingParameter: TrafficType: this parameter is required"],
  ["CreateFlowLog", { ...flowLog, VpcId: "vpc-x" }, 'InvalidParameterValue.Malformed: VpcId: "vpc-x" must be an id such as vpc-1a2b3c4d'],
  ["CreateFlowLog", { ...flowLog, FlowLogName: "x".repeat(61) }, "InvalidParameterValue.Range: FlowLogName"],
  ["CreateFlowLog", { ...flowLog, FlowLogName: "" }, 'InvalidParameterValue.Empty: FlowLogName: ""'],
  ["CreateFlowLog", { ...flowLog, Tags: [{ Value: "a" }] }, "MissingParameter: Tags.0.Key: this parameter is required"],
  ["CreateFlowLog", { ...flowLog, Tags: "a" }, 'InvalidParameter: Tags: "a" must be a list'],
  ["CreateFlowLog", { ...flowLog, Trafic: "ALL" }, "UnknownParameter: Trafic: there is no such parameter"],
  ["CreateFlowLog", { ...flowLog, TrafficTyp: "ALL" }, 'there is no such parameter (it was given "ALL"); did you mean TrafficType?'],
  ["CreateFlowLog", { ...flowLog, ResourceType: "NAT" }, 'UnsupportedOperation: ResourceType: "NAT" is a NAT gateway'],
  ["CreateFlowLog", { ...flowLog, ResourceType: "CCN" }, 'UnsupportedOperation: ResourceType: "CCN" is a Cloud Connect Network'],
  ["CreateFlowLog", { ...flowLog, ResourceType: "DCG" }, "is a Direct Connect gateway"],
  ["CreateFlowLog", { ...flowLog, ResourceType: "VPNGW" }, "is a VPN gateway"],
  ["CreateFlowLog", { ...flowLog, ResourceType: "PEERING" }, "is a peering connection"],
  ["CreateFlowLog", { ...flowLog, ResourceType: "CDB" }, "is a database"],
  ["CreateFlowLog", { ...flowLog, ResourceType: "CLASSIC" }, "is an instance in the classic network"],
  ["CreateFlowLog", { ...flowLog, ResourceType: "PRINTER" }, 'InvalidParameterValue.Range: ResourceType: "PRINTER" must be one of VPC, SUBNET, NETWORKINTERFACE'],
  ["CreateFlowLog", { ...flowLog, StorageType: "ckafka" }, 'UnsupportedOperation: StorageType: "ckafka"'],
  ["CreateVpc", { VpcName: "字".repeat(21), CidrBlock: "10.0.0.0/16" }, "InvalidParameterValue.TooLong: VpcName"],
  ["CreateVpc", { VpcName: "a", CidrBlock: "10.16.0.0/16" }, 'CidrBlock: "10.16.0.0/16" must be a block inside 10.0.0.0/12'],
  ["CreateVpc", { VpcName: "a", CidrBlock: "10.0.0.1/16" }, 'CidrBlock: "10.0.0.1/16"'],
  ["CreateVpc", { VpcName: "a", CidrBlock: "192.168.0.0/12" }, "192.168.0.0/16 (/16 to /28)"],
  ["CreateSubnet", { VpcId: "vpc-1a2b3c4d", SubnetName: "a", Zone: "Mars", CidrBlock: "10.0.0.0/24" }, 'Zone: "Mars" must be a zone such as ap-guangzhou-3'],
  ["DescribeVpcs", { Limit: 101 }, "InvalidParameterValue.Range: Limit: 101 must be at most 100"],
  ["DescribeVpcs", { Offset: "-1" }, 'InvalidParameterValue.Range: Offset: "-1" must be at least 0'],
  ["DescribeVpcs", { Limit: "ten" }, 'InvalidParameter: Limit: "ten" must be a whole number'],
  ["CreateLogset", { LogsetName: "a|b" }, 'InvalidParameter: LogsetName: "a|b" must not contain |'],
  ["CreateTopic", { LogsetId: "nonsense", TopicName: "a" }, 'InvalidParameter: LogsetId: "nonsense"'],
  [
    "CreateSecurityGroupWithPolicies",
    { GroupName: "a", GroupDescription: "", SecurityGroupPolicySet: { Ingress: [{ Action: "ACCEPT" }] } },
    "MissingParameter: SecurityGroupPolicySet.Ingress.0: one of CidrBlock, Ipv6CidrBlock, SecurityGroupId is required",
  ],
  [
    "CreateSecurityGroupWithPolicies",
    {
      GroupName: "a",
      GroupDescription: "",
      SecurityGroupPolicySet: { Ingress: [{ Action: "ACCEPT", CidrBlock: "1.1.1.1", Ipv6CidrBlock: "::1" }] },
    },
    "InvalidParameter.Coexist: SecurityGroupPolicySet.Ingress.0: CidrBlock and Ipv6CidrBlock cannot be given together",
  ],
  [
    "CreateSecurityGroupWithPolicies",
    {
      GroupName: "a",
      GroupDescription: "",
      SecurityGroupPolicySet: { Ingress: [{ Action: "ACCEPT", CidrBlock: "1.1.1.1", Port: "80-79", Protocol: "TCP" }] },
    },
    'SecurityGroupPolicySet.Ingress.0.Port: "80-79" must be a port',
  ],
];

describe("refusals name the field and the value", () => {
  test.each(refused)("%s %j", (action, request, words) => {
    expect(refusal(action, request)).toContain(words);
  });

  test("a request that is no object", () => {
    expect(refusal("DescribeVpcs", [1])).toBe("InvalidParameter: [1] must be an object");
  });
});

describe("values come out in exactly the kind of their rule", () => {
  test("numbers and flags that clients send as text", () => {
    const request = { VpcName: "a", CidrBlock: "10.0.0.0/16", EnableMulticast: "true" };
    expect(readRequest(actions.CreateVpc, request)).toEqual({ ...request, EnableMulticast: true });
    expect(readRequest(actions.DescribeVpcs, { Offset: "5", Limit: 20 })).toEqual({ Offset: 5, Limit: 20 });
  });

  test("a single filter where the SDKs send one for a list", () => {
    const Filters = { Name: "tag-key", Values: ["a"] };
    expect(readRequest(actions.DescribeFlowLogs, { Filters })).toEqual({ Filters: [Filters] });
  });

  test("null is the same as not given", () => {
    expect(readRequest(actions.DescribeVpcs, { VpcIds: null, Limit: null })).toEqual({});
  });
});
