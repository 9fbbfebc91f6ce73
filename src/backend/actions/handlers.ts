/** Every action the backend answers, by the API's name for it. */
import type { ActionName } from "../../wire/actions.ts";
import type { Handler } from "./action.ts";
import { createIndex } from "./cls/create-index.ts";
import { createLogset } from "./cls/create-logset.ts";
import { createTopic } from "./cls/create-topic.ts";
import { deleteIndex } from "./cls/delete-index.ts";
import { deleteLogset } from "./cls/delete-logset.ts";
import { deleteTopic } from "./cls/delete-topic.ts";
import { describeIndex } from "./cls/describe-index.ts";
import { describeLogsets } from "./cls/describe-logsets.ts";
import { describeTopics } from "./cls/describe-topics.ts";
import { modifyIndex } from "./cls/modify-index.ts";
import { modifyLogset } from "./cls/modify-logset.ts";
import { modifyTopic } from "./cls/modify-topic.ts";
import { describeLogHistogram } from "./cls/describe-log-histogram.ts";
import { searchLog } from "./cls/search-log.ts";
import { advanceClock } from "./flowlogs/advance-clock.ts";
import { describeClock } from "./flowlogs/describe-clock.ts";
import { describeStatus } from "./flowlogs/describe-status.ts";
import { describeTopicUsage } from "./flowlogs/describe-topic-usage.ts";
import { explainRecord } from "./flowlogs/explain-record.ts";
import { explainVerdict } from "./flowlogs/explain-verdict.ts";
import { describeResourceTagsByResourceIds } from "./tag/describe-resource-tags-by-resource-ids.ts";
import { modifyResourceTags } from "./tag/modify-resource-tags.ts";
import { associateNetworkAclSubnets } from "./vpc/associate-network-acl-subnets.ts";
import { createFlowLog } from "./vpc/create-flow-log.ts";
import { createNetworkAcl } from "./vpc/create-network-acl.ts";
import { createNetworkInterface } from "./vpc/create-network-interface.ts";
import { createSecurityGroupWithPolicies } from "./vpc/create-security-group-with-policies.ts";
import { createSecurityGroup } from "./vpc/create-security-group.ts";
import { createSubnet } from "./vpc/create-subnet.ts";
import { createVpc } from "./vpc/create-vpc.ts";
import { deleteFlowLog } from "./vpc/delete-flow-log.ts";
import { deleteNetworkAcl } from "./vpc/delete-network-acl.ts";
import { deleteNetworkInterface } from "./vpc/delete-network-interface.ts";
import { deleteSecurityGroup } from "./vpc/delete-security-group.ts";
import { deleteSubnet } from "./vpc/delete-subnet.ts";
import { deleteVpc } from "./vpc/delete-vpc.ts";
import { describeFlowLogs } from "./vpc/describe-flow-logs.ts";
import { describeNetworkAcls } from "./vpc/describe-network-acls.ts";
import { describeNetworkInterfaces } from "./vpc/describe-network-interfaces.ts";
import { describeSecurityGroupPolicies } from "./vpc/describe-security-group-policies.ts";
import { describeSecurityGroups } from "./vpc/describe-security-groups.ts";
import { describeSubnets } from "./vpc/describe-subnets.ts";
import { describeVpcs } from "./vpc/describe-vpcs.ts";
import { disassociateNetworkAclSubnets } from "./vpc/disassociate-network-acl-subnets.ts";
import { modifyFlowLogAttribute } from "./vpc/modify-flow-log-attribute.ts";
import { modifyNetworkAclAttribute } from "./vpc/modify-network-acl-attribute.ts";
import { modifyNetworkAclEntries } from "./vpc/modify-network-acl-entries.ts";
import { modifyNetworkInterfaceAttribute } from "./vpc/modify-network-interface-attribute.ts";
import { modifySecurityGroupAttribute } from "./vpc/modify-security-group-attribute.ts";
import { modifySecurityGroupPolicies } from "./vpc/modify-security-group-policies.ts";
import { modifySubnetAttribute } from "./vpc/modify-subnet-attribute.ts";
import { modifyVpcAttribute } from "./vpc/modify-vpc-attribute.ts";
import { enableFlowLogs, disableFlowLogs } from "./vpc/switch-flow-logs.ts";

/** The actions with JSON requests; PushPackets takes bytes and is not among them. */
export const handlers: { readonly [A in Exclude<ActionName, "PushPackets">]: Handler<A> } = {
  AssociateNetworkAclSubnets: associateNetworkAclSubnets,
  CreateFlowLog: createFlowLog,
  CreateNetworkAcl: createNetworkAcl,
  CreateNetworkInterface: createNetworkInterface,
  CreateSecurityGroupWithPolicies: createSecurityGroupWithPolicies,
  CreateSecurityGroup: createSecurityGroup,
  CreateSubnet: createSubnet,
  CreateVpc: createVpc,
  DeleteFlowLog: deleteFlowLog,
  DeleteNetworkAcl: deleteNetworkAcl,
  DeleteNetworkInterface: deleteNetworkInterface,
  DeleteSecurityGroup: deleteSecurityGroup,
  DeleteSubnet: deleteSubnet,
  DeleteVpc: deleteVpc,
  DescribeFlowLogs: describeFlowLogs,
  DescribeNetworkAcls: describeNetworkAcls,
  DescribeNetworkInterfaces: describeNetworkInterfaces,
  DescribeSecurityGroupPolicies: describeSecurityGroupPolicies,
  DescribeSecurityGroups: describeSecurityGroups,
  DescribeSubnets: describeSubnets,
  DescribeVpcs: describeVpcs,
  DisassociateNetworkAclSubnets: disassociateNetworkAclSubnets,
  ModifyFlowLogAttribute: modifyFlowLogAttribute,
  ModifyNetworkAclAttribute: modifyNetworkAclAttribute,
  ModifyNetworkAclEntries: modifyNetworkAclEntries,
  ModifyNetworkInterfaceAttribute: modifyNetworkInterfaceAttribute,
  ModifySecurityGroupAttribute: modifySecurityGroupAttribute,
  ModifySecurityGroupPolicies: modifySecurityGroupPolicies,
  ModifySubnetAttribute: modifySubnetAttribute,
  ModifyVpcAttribute: modifyVpcAttribute,
  EnableFlowLogs: enableFlowLogs,
  DisableFlowLogs: disableFlowLogs,
  CreateIndex: createIndex,
  CreateLogset: createLogset,
  CreateTopic: createTopic,
  DeleteIndex: deleteIndex,
  DeleteLogset: deleteLogset,
  DeleteTopic: deleteTopic,
  DescribeIndex: describeIndex,
  DescribeLogHistogram: describeLogHistogram,
  DescribeLogsets: describeLogsets,
  DescribeTopics: describeTopics,
  ModifyIndex: modifyIndex,
  ModifyLogset: modifyLogset,
  ModifyTopic: modifyTopic,
  SearchLog: searchLog,
  DescribeResourceTagsByResourceIds: describeResourceTagsByResourceIds,
  ModifyResourceTags: modifyResourceTags,
  AdvanceClock: advanceClock,
  DescribeClock: describeClock,
  DescribeStatus: describeStatus,
  DescribeTopicUsage: describeTopicUsage,
  ExplainRecord: explainRecord,
  ExplainVerdict: explainVerdict,
};
