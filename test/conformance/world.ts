/** What the cases of the conformance suite stand on: things made through the API, each with an id of its own. */
import { type ActionName, type ActionRequest, type ActionResponse, actions, type Call } from "../../src/wire/actions.ts";
import type { ErrorCode } from "../../src/wire/errors.ts";
import type { Way } from "../support/ways.ts";

/** Ids that are well spelled and name nothing. */
export const nowhere = {
  vpc: "vpc-00000000",
  subnet: "subnet-00000000",
  eni: "eni-00000000",
  eip: "eip-00000000",
  sg: "sg-00000000",
  acl: "acl-00000000",
  rtb: "rtb-00000000",
  fl: "fl-00000000",
  entry: "acli43-00000000",
  uuid: "00000000-0000-4000-8000-000000000000",
} as const;

export const zone = "ap-guangzhou-3";

/** An index on every word. */
export const fullText = { FullText: { CaseSensitive: false, Tokenizer: " " } };

type Eni = Partial<ActionRequest<"CreateNetworkInterface">>;
type Policies = NonNullable<ActionRequest<"CreateSecurityGroupWithPolicies">["SecurityGroupPolicySet"]>;

/** Makes things, with what they need around them. */
export class World {
  readonly call: Call;
  readonly advance: (ms: number) => Promise<void>;
  private counter = 0;

  constructor(way: Way) {
    this.call = way.call;
    this.advance = (ms) => way.advance(ms);
  }

  /** A name that nothing else has. */
  name(): string {
    return `name-${++this.counter}`;
  }

  /** An instance's id that nothing else has. */
  instance(): string {
    return `ins-${String(++this.counter).padStart(8, "0")}`;
  }

  async vpc(CidrBlock = "10.0.0.0/16"): Promise<string> {
    return (await this.call("CreateVpc", { VpcName: this.name(), CidrBlock })).Vpc.VpcId;
  }

  async subnet(vpcId?: string, CidrBlock = "10.0.1.0/24", Zone = zone): Promise<{ VpcId: string; SubnetId: string }> {
    const VpcId = vpcId ?? (await this.vpc());
    const { Subnet } = await this.call("CreateSubnet", { VpcId, SubnetName: this.name(), Zone, CidrBlock });
    return { VpcId, SubnetId: Subnet.SubnetId };
  }

  async eni(request: Eni = {}): Promise<string> {
    const { VpcId, SubnetId } = request.SubnetId === undefined ? await this.subnet(request.VpcId) : request;
    const whole = { VpcId: VpcId!, SubnetId: SubnetId!, NetworkInterfaceName: this.name(), ...request };
    return (await this.call("CreateNetworkInterface", whole)).NetworkInterface.NetworkInterfaceId;
  }

  async attached(request: Eni = {}): Promise<{ NetworkInterfaceId: string; InstanceId: string }> {
    const ids = { NetworkInterfaceId: await this.eni(request), InstanceId: this.instance() };
    await this.call("AttachNetworkInterface", ids);
    return ids;
  }

  async eip(): Promise<string> {
    return (await this.call("AllocateAddresses", {})).AddressSet[0]!;
  }

  /** An ENI with the address 10.0.1.9, and an EIP mapped to it. */
  async boundEip(): Promise<{ AddressId: string; NetworkInterfaceId: string; PrivateIpAddress: string }> {
    const PrivateIpAddress = "10.0.1.9";
    const AddressId = await this.eip();
    const NetworkInterfaceId = await this.eni({ PrivateIpAddresses: [{ PrivateIpAddress, Primary: true }] });
    await this.call("AssociateAddress", { AddressId, NetworkInterfaceId, PrivateIpAddress });
    return { AddressId, NetworkInterfaceId, PrivateIpAddress };
  }

  async group(SecurityGroupPolicySet: Policies = {}): Promise<string> {
    const request = { GroupName: this.name(), GroupDescription: "", SecurityGroupPolicySet };
    return (await this.call("CreateSecurityGroupWithPolicies", request)).SecurityGroup.SecurityGroupId;
  }

  /** So many groups. */
  async groups(count: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) ids.push(await this.group());
    return ids;
  }

  async acl(NetworkAclType: "TRIPLE" | "QUINTUPLE" = "TRIPLE", vpcId?: string): Promise<{ VpcId: string; NetworkAclId: string }> {
    const VpcId = vpcId ?? (await this.vpc());
    const { NetworkAcl } = await this.call("CreateNetworkAcl", { VpcId, NetworkAclName: this.name(), NetworkAclType });
    return { VpcId, NetworkAclId: NetworkAcl.NetworkAclId };
  }

  /** A network ACL of the triple form with one rule inwards, and the rule's id. */
  async aclWithEntry(): Promise<{ NetworkAclId: string; entryId: string }> {
    const { NetworkAclId } = await this.acl();
    const Ingress = [{ Protocol: "TCP", Port: "80", CidrBlock: "0.0.0.0/0", Action: "ACCEPT" }];
    await this.call("CreateNetworkAclEntries", { NetworkAclId, NetworkAclEntrySet: { Ingress } });
    const { NetworkAclSet } = await this.call("DescribeNetworkAcls", { NetworkAclIds: [NetworkAclId] });
    return { NetworkAclId, entryId: NetworkAclSet[0]!.IngressEntries[0]!.NetworkAclIpv4EntryId };
  }

  /** The same in the quintuple form. */
  async aclWithQuintuple(): Promise<{ NetworkAclId: string; entryId: string }> {
    const { NetworkAclId } = await this.acl("QUINTUPLE");
    const Ingress = [{ Protocol: "TCP", SourceCidr: "10.0.0.0/8", DestinationPort: "80", Action: "ACCEPT" }];
    await this.call("CreateNetworkAclQuintupleEntries", { NetworkAclId, NetworkAclQuintupleSet: { Ingress } });
    const { NetworkAclQuintupleSet } = await this.call("DescribeNetworkAclQuintupleEntries", { NetworkAclId });
    return { NetworkAclId, entryId: NetworkAclQuintupleSet[0]!.NetworkAclQuintupleEntryId };
  }

  async logset(): Promise<string> {
    return (await this.call("CreateLogset", { LogsetName: this.name() })).LogsetId;
  }

  async topic(logsetId?: string): Promise<{ LogsetId: string; TopicId: string }> {
    const LogsetId = logsetId ?? (await this.logset());
    return { LogsetId, TopicId: (await this.call("CreateTopic", { LogsetId, TopicName: this.name() })).TopicId };
  }

  async indexedTopic(): Promise<string> {
    const { TopicId } = await this.topic();
    await this.call("CreateIndex", { TopicId, Rule: fullText });
    return TopicId;
  }

  /** A request for a flow log on a VPC of its own. */
  async flowLogRequest(): Promise<ActionRequest<"CreateFlowLog">> {
    const VpcId = await this.vpc();
    const { TopicId: CloudLogId } = await this.topic();
    return { FlowLogName: this.name(), VpcId, ResourceType: "VPC", ResourceId: VpcId, TrafficType: "ALL", CloudLogId };
  }

  async flowLog(): Promise<{ FlowLogId: string; VpcId: string }> {
    const request = await this.flowLogRequest();
    const { FlowLog } = await this.call("CreateFlowLog", request);
    return { FlowLogId: FlowLog[0]!.FlowLogId, VpcId: request.VpcId };
  }
}

type Maybe<T> = T | Promise<T>;

/** A request that the action refuses; it is deliberately not typed. */
export type Refused = (world: World) => Maybe<object>;

/** A request that only JSON can say: one with an empty list. */
export interface JsonOnly {
  readonly json: Refused;
}

/** A request that the action answers, and what must be so afterwards. */
export interface Answered<A extends ActionName> {
  readonly ask: (world: World) => Maybe<ActionRequest<A>>;
  readonly then: (answer: ActionResponse<A>, world: World, request: ActionRequest<A>) => Maybe<void>;
}

/** What an action is asked, and how it must answer. */
export interface Case<A extends ActionName> {
  readonly success: Answered<A>;
  readonly refusals: { readonly [C in ErrorCode]?: Refused | JsonOnly };
}

/** The cases of actions, by name. */
export type Cases<A extends ActionName = ActionName> = { readonly [N in A]?: Case<N> };

/** A longer text than any name may be. */
export const tooLong = (length: number) => "x".repeat(length + 1);

/** So many different values. */
export const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

type Refusals = { readonly [C in ErrorCode]?: Refused };

/** Those of the refusals whose codes are in an action's list. */
function ofAction(action: ActionName, refusals: Refusals): Refusals {
  const codes: readonly string[] = actions[action].codes;
  return Object.fromEntries(Object.entries(refusals).filter(([code]) => codes.includes(code)));
}

/** How a listing by ids or filters refuses; `unknown` is a well spelled id that names nothing. */
export function listingRefusals(action: ActionName, idsField: string, unknown: string): Refusals {
  const filter = (Name: string) => ({ Name, Values: ["x"] });
  const prefix = unknown.split("-")[0]!;
  return ofAction(action, {
    "InvalidParameter.Coexist": () => ({ [idsField]: [unknown], Filters: [filter("vpc-id")] }),
    "InvalidParameter.FilterInvalidKey": () => ({ Filters: [filter("colour")] }),
    "InvalidParameter.FilterNotDict": () => ({ Filters: ["vpc-id"] }),
    "InvalidParameter.FilterValuesNotList": () => ({ Filters: [{ Name: "vpc-id", Values: "x" }] }),
    "InvalidParameterValue.LimitExceeded": () => ({ [idsField]: many(101, (index) => `${prefix}-${String(index).padStart(8, "0")}`) }),
    "InvalidParameterValue.Malformed": () => ({ [idsField]: ["x"] }),
    "InvalidParameterValue.Range": () => ({ Limit: 101 }),
    ResourceNotFound: () => ({ [idsField]: [unknown] }),
  });
}

/** How a create refuses tags; `base` is a request that is right but for them. */
export function tagRefusals(base: Refused): Refusals {
  const withTags = (Tags: object[]): Refused => async (world) => ({ ...(await base(world)), Tags });
  return {
    "InvalidParameterValue.TagDuplicateKey": withTags([{ Key: "a" }, { Key: "a" }]),
    "InvalidParameterValue.TagInvalidKey": withTags([{ Key: "\u0007" }]),
    "InvalidParameterValue.TagInvalidKeyLen": withTags([{ Key: tooLong(127) }]),
    "InvalidParameterValue.TagInvalidVal": withTags([{ Key: "a", Value: tooLong(255) }]),
    "LimitExceeded.TagKeyPerResourceExceeded": withTags(many(51, (index) => ({ Key: `k${index}` }))),
    "UnsupportedOperation.TagSystemReservedTagKey": withTags([{ Key: "qcs:owner" }]),
  };
}
