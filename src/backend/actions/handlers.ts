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
import { describeLogContext } from "./cls/describe-log-context.ts";
import { describeLogHistogram } from "./cls/describe-log-histogram.ts";
import { searchLog } from "./cls/search-log.ts";
import { advanceClock } from "./flowlogs/advance-clock.ts";
import { describeClock } from "./flowlogs/describe-clock.ts";
import { describeStatus } from "./flowlogs/describe-status.ts";
import { describeTopicUsage } from "./flowlogs/describe-topic-usage.ts";
import { explainRecord } from "./flowlogs/explain-record.ts";
import { explainVerdict } from "./flowlogs/explain-verdict.ts";
import { exportLogs } from "./flowlogs/export-logs.ts";
import { tailLogs } from "./flowlogs/tail-logs.ts";
import { describeResourceTagsByResourceIds } from "./tag/describe-resource-tags-by-resource-ids.ts";
import { modifyResourceTags } from "./tag/modify-resource-tags.ts";
import { allocateAddresses } from "./vpc/allocate-addresses.ts";
import { associateAddress } from "./vpc/associate-address.ts";
import { associateNetworkAclSubnets } from "./vpc/associate-network-acl-subnets.ts";
import { associateNetworkInterfaceSecurityGroups } from "./vpc/associate-network-interface-security-groups.ts";
import { attachNetworkInterface } from "./vpc/attach-network-interface.ts";
import { createFlowLog } from "./vpc/create-flow-log.ts";
import { createNetworkAclEntries } from "./vpc/create-network-acl-entries.ts";
import { createNetworkAclQuintupleEntries } from "./vpc/create-network-acl-quintuple-entries.ts";
import { createNetworkAcl } from "./vpc/create-network-acl.ts";
import { createNetworkInterface } from "./vpc/create-network-interface.ts";
import { createSecurityGroupPolicies } from "./vpc/create-security-group-policies.ts";
import { createSecurityGroupWithPolicies } from "./vpc/create-security-group-with-policies.ts";
import { createSecurityGroup } from "./vpc/create-security-group.ts";
import { createSubnet } from "./vpc/create-subnet.ts";
import { createSubnets } from "./vpc/create-subnets.ts";
import { createVpc } from "./vpc/create-vpc.ts";
import { deleteFlowLog } from "./vpc/delete-flow-log.ts";
import { deleteNetworkAclEntries } from "./vpc/delete-network-acl-entries.ts";
import { deleteNetworkAclQuintupleEntries } from "./vpc/delete-network-acl-quintuple-entries.ts";
import { deleteNetworkAcl } from "./vpc/delete-network-acl.ts";
import { deleteNetworkInterface } from "./vpc/delete-network-interface.ts";
import { deleteSecurityGroupPolicies } from "./vpc/delete-security-group-policies.ts";
import { deleteSecurityGroup } from "./vpc/delete-security-group.ts";
import { deleteSubnet } from "./vpc/delete-subnet.ts";
import { deleteVpc } from "./vpc/delete-vpc.ts";
import { describeAccountAttributes } from "./vpc/describe-account-attributes.ts";
import { describeAddresses } from "./vpc/describe-addresses.ts";
import { describeFlowLog } from "./vpc/describe-flow-log.ts";
import { describeFlowLogs } from "./vpc/describe-flow-logs.ts";
import { describeNetworkAclQuintupleEntries } from "./vpc/describe-network-acl-quintuple-entries.ts";
import { describeNetworkAcls } from "./vpc/describe-network-acls.ts";
import { describeNetworkInterfaces } from "./vpc/describe-network-interfaces.ts";
import { describeRouteTables } from "./vpc/describe-route-tables.ts";
import { describeSecurityGroupAssociationStatistics } from "./vpc/describe-security-group-association-statistics.ts";
import { describeSecurityGroupPolicies } from "./vpc/describe-security-group-policies.ts";
import { describeSecurityGroups } from "./vpc/describe-security-groups.ts";
import { describeSubnets } from "./vpc/describe-subnets.ts";
import { describeTaskResult } from "./vpc/describe-task-result.ts";
import { describeVpcLimits } from "./vpc/describe-vpc-limits.ts";
import { describeVpcTaskResult } from "./vpc/describe-vpc-task-result.ts";
import { describeVpcs } from "./vpc/describe-vpcs.ts";
import { detachNetworkInterface } from "./vpc/detach-network-interface.ts";
import { disassociateAddress } from "./vpc/disassociate-address.ts";
import { disassociateNetworkAclSubnets } from "./vpc/disassociate-network-acl-subnets.ts";
import { disassociateNetworkInterfaceSecurityGroups } from "./vpc/disassociate-network-interface-security-groups.ts";
import { modifyFlowLogAttribute } from "./vpc/modify-flow-log-attribute.ts";
import { modifyNetworkAclAttribute } from "./vpc/modify-network-acl-attribute.ts";
import { modifyNetworkAclEntries } from "./vpc/modify-network-acl-entries.ts";
import { modifyNetworkAclQuintupleEntries } from "./vpc/modify-network-acl-quintuple-entries.ts";
import { modifyNetworkInterfaceAttribute } from "./vpc/modify-network-interface-attribute.ts";
import { modifySecurityGroupAttribute } from "./vpc/modify-security-group-attribute.ts";
import { modifySecurityGroupPolicies } from "./vpc/modify-security-group-policies.ts";
import { modifySubnetAttribute } from "./vpc/modify-subnet-attribute.ts";
import { modifyVpcAttribute } from "./vpc/modify-vpc-attribute.ts";
import { releaseAddresses } from "./vpc/release-addresses.ts";
import { replaceRouteTableAssociation } from "./vpc/replace-route-table-association.ts";
import { replaceSecurityGroupPolicy } from "./vpc/replace-security-group-policy.ts";
import { enableFlowLogs, disableFlowLogs } from "./vpc/switch-flow-logs.ts";

/** Those that take or give bytes, or put another state in the place of the rooms: the cloud itself answers them. */
type OfTheCloud = "PushPackets" | "UploadLog" | "SaveSnapshot" | "LoadSnapshot" | "ResetCloud";

/** All other actions: JSON in, JSON out. */
export const handlers: { readonly [A in Exclude<ActionName, OfTheCloud>]: Handler<A> } = {
  AllocateAddresses: allocateAddresses,
  AssociateAddress: associateAddress,
  AssociateNetworkAclSubnets: associateNetworkAclSubnets,
  AssociateNetworkInterfaceSecurityGroups: associateNetworkInterfaceSecurityGroups,
  AttachNetworkInterface: attachNetworkInterface,
  CreateFlowLog: createFlowLog,
  CreateNetworkAclEntries: createNetworkAclEntries,
  CreateNetworkAclQuintupleEntries: createNetworkAclQuintupleEntries,
  CreateNetworkAcl: createNetworkAcl,
  CreateNetworkInterface: createNetworkInterface,
  CreateSecurityGroupPolicies: createSecurityGroupPolicies,
  CreateSecurityGroupWithPolicies: createSecurityGroupWithPolicies,
  CreateSecurityGroup: createSecurityGroup,
  CreateSubnet: createSubnet,
  CreateSubnets: createSubnets,
  CreateVpc: createVpc,
  DeleteFlowLog: deleteFlowLog,
  DeleteNetworkAclEntries: deleteNetworkAclEntries,
  DeleteNetworkAclQuintupleEntries: deleteNetworkAclQuintupleEntries,
  DeleteNetworkAcl: deleteNetworkAcl,
  DeleteNetworkInterface: deleteNetworkInterface,
  DeleteSecurityGroupPolicies: deleteSecurityGroupPolicies,
  DeleteSecurityGroup: deleteSecurityGroup,
  DeleteSubnet: deleteSubnet,
  DeleteVpc: deleteVpc,
  DescribeAccountAttributes: describeAccountAttributes,
  DescribeAddresses: describeAddresses,
  DescribeFlowLog: describeFlowLog,
  DescribeFlowLogs: describeFlowLogs,
  DescribeNetworkAclQuintupleEntries: describeNetworkAclQuintupleEntries,
  DescribeNetworkAcls: describeNetworkAcls,
  DescribeNetworkInterfaces: describeNetworkInterfaces,
  DescribeRouteTables: describeRouteTables,
  DescribeSecurityGroupAssociationStatistics: describeSecurityGroupAssociationStatistics,
  DescribeSecurityGroupPolicies: describeSecurityGroupPolicies,
  DescribeSecurityGroups: describeSecurityGroups,
  DescribeSubnets: describeSubnets,
  DescribeTaskResult: describeTaskResult,
  DescribeVpcLimits: describeVpcLimits,
  DescribeVpcTaskResult: describeVpcTaskResult,
  DescribeVpcs: describeVpcs,
  DetachNetworkInterface: detachNetworkInterface,
  DisassociateAddress: disassociateAddress,
  DisassociateNetworkAclSubnets: disassociateNetworkAclSubnets,
  DisassociateNetworkInterfaceSecurityGroups: disassociateNetworkInterfaceSecurityGroups,
  ModifyFlowLogAttribute: modifyFlowLogAttribute,
  ModifyNetworkAclAttribute: modifyNetworkAclAttribute,
  ModifyNetworkAclEntries: modifyNetworkAclEntries,
  ModifyNetworkAclQuintupleEntries: modifyNetworkAclQuintupleEntries,
  ModifyNetworkInterfaceAttribute: modifyNetworkInterfaceAttribute,
  ModifySecurityGroupAttribute: modifySecurityGroupAttribute,
  ModifySecurityGroupPolicies: modifySecurityGroupPolicies,
  ModifySubnetAttribute: modifySubnetAttribute,
  ModifyVpcAttribute: modifyVpcAttribute,
  ReleaseAddresses: releaseAddresses,
  ReplaceRouteTableAssociation: replaceRouteTableAssociation,
  ReplaceSecurityGroupPolicy: replaceSecurityGroupPolicy,
  EnableFlowLogs: enableFlowLogs,
  DisableFlowLogs: disableFlowLogs,
  CreateIndex: createIndex,
  CreateLogset: createLogset,
  CreateTopic: createTopic,
  DeleteIndex: deleteIndex,
  DeleteLogset: deleteLogset,
  DeleteTopic: deleteTopic,
  DescribeIndex: describeIndex,
  DescribeLogContext: describeLogContext,
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
  ExportLogs: exportLogs,
  TailLogs: tailLogs,
  ExplainVerdict: explainVerdict,
};
