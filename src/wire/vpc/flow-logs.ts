/** Flow logs: requests, answers and codes as the API pages give them. */
import { rowsOf } from "../action.ts";
import { group, integer, text } from "../fields.ts";
import * as objects from "../objects.ts";
import { idField, orderDirection, paging, requiredId, requiredIds, vpcFilters, vpcTags } from "../parts.ts";
import { tagCodes } from "./codes.ts";

const action = rowsOf("vpc");

/** What a flow log can watch, and what the product document names as not supported. */
const resourceType = text({
  required: true,
  oneOf: ["VPC", "SUBNET", "NETWORKINTERFACE"],
  refused: {
    CCN: "is a Cloud Connect Network: flow logs watch a VPC, SUBNET or NETWORKINTERFACE",
    NAT: "is a NAT gateway: flow logs watch a VPC, SUBNET or NETWORKINTERFACE",
    DCG: "is a Direct Connect gateway: flow logs watch a VPC, SUBNET or NETWORKINTERFACE",
    VPNGW: "is a VPN gateway: flow logs watch a VPC, SUBNET or NETWORKINTERFACE",
    PEERING: "is a peering connection: flow logs watch a VPC, SUBNET or NETWORKINTERFACE",
    CDB: "is a database: flow logs watch a VPC, SUBNET or NETWORKINTERFACE",
    CLASSIC: "is an instance in the classic network: flow logs watch a VPC, SUBNET or NETWORKINTERFACE",
  },
});

const optionalResourceType = text({ oneOf: resourceType.oneOf });

/** ACCEPT, REJECT, or ALL traffic (the product document's 采集类型). */
const trafficTypes = ["ACCEPT", "REJECT", "ALL"] as const;

const period = integer({ unsupported: "is for flow logs of a Cloud Connect Network, and those are not offered" });
const flowLogId = { FlowLogId: requiredId("fl"), VpcId: requiredId("vpc") } as const;
const switchCodes = ["InvalidParameterValue.LimitExceeded", "InvalidParameterValue.Malformed", "ResourceNotFound"] as const;

/** Actions about flow logs. */
export const flowLogActions = {
  CreateFlowLog: action({
    request: {
      FlowLogName: text({ required: true, notEmpty: true, maxChars: 60 }),
      ResourceType: resourceType,
      ResourceId: text({ required: true, notEmpty: true }),
      TrafficType: text({ required: true, oneOf: trafficTypes }),
      // The API can do without the VPC for a Cloud Connect Network only, and without the topic for CKafka only.
      VpcId: requiredId("vpc"),
      FlowLogDescription: text({ maxChars: 512 }),
      CloudLogId: text({ required: true, notEmpty: true }),
      Tags: vpcTags,
      StorageType: text({ oneOf: ["cls"], refused: { ckafka: "is not offered by this backend: use cls" } }),
      FlowLogStorage: group(
        { StorageId: text({ required: true }), StorageTopic: text() },
        { unsupported: "is for StorageType ckafka, which this backend does not offer" },
      ),
      CloudLogRegion: text(),
      Period: period,
    },
    answer: { FlowLog: [objects.flowLog] },
    codes: [
      ...tagCodes,
      "InternalError.CreateCkafkaRouteError",
      "InternalError.ModuleError",
      "InvalidParameterValue.Duplicate",
      "InvalidParameterValue.Empty",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.Range",
      "LimitExceeded",
      "LimitExceeded.ActionLimited",
      "ResourceNotFound",
      "UnauthorizedOperation",
      "UnsupportedOperation.DpdkNatFlowLogOnlySupportAllTrafficType",
      "UnsupportedOperation.FlowLogInstanceExisted",
      "UnsupportedOperation.FlowLogsNotSupportKoInstanceEni",
      "UnsupportedOperation.FlowLogsNotSupportNullInstanceEni",
      "UnsupportedOperation.OnlySupportProfessionKafka",
    ],
  }),
  DescribeFlowLog: action({
    request: flowLogId,
    answer: { FlowLog: [objects.flowLog] },
    codes: ["InvalidParameterValue.Malformed", "InvalidParameterValue.Range", "ResourceNotFound"],
  }),
  DescribeFlowLogs: action({
    request: {
      VpcId: idField("vpc"),
      FlowLogId: idField("fl"),
      FlowLogName: text({ maxChars: 60 }),
      ResourceType: optionalResourceType,
      ResourceId: text(),
      TrafficType: text({ oneOf: trafficTypes }),
      CloudLogId: text(),
      CloudLogState: text({ oneOf: ["SUCCESS", "DELETED"] }),
      OrderField: text({ oneOf: ["flowLogName", "createTime"] }),
      OrderDirection: orderDirection,
      ...paging,
      Filters: vpcFilters,
      CloudLogRegion: text(),
    },
    answer: { FlowLog: [objects.flowLog], TotalNum: "integer" },
    codes: [
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.Range",
      "InvalidParameterValue.TooLong",
      "ResourceNotFound",
    ],
  }),
  ModifyFlowLogAttribute: action({
    request: {
      ...flowLogId,
      FlowLogName: text({ notEmpty: true, maxChars: 60 }),
      FlowLogDescription: text({ maxChars: 512 }),
      Period: period,
    },
    answer: {},
    codes: [
      "InvalidParameterValue.Duplicate",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.Range",
      "InvalidParameterValue.VpcIdNotNeededForFlowLog",
      "ResourceNotFound",
    ],
  }),
  DeleteFlowLog: action({
    request: flowLogId,
    answer: {},
    codes: ["InvalidParameterValue.Malformed", "InvalidParameterValue.Range", "ResourceNotFound"],
  }),
  EnableFlowLogs: action({ request: { FlowLogIds: requiredIds("fl") }, answer: {}, codes: switchCodes }),
  DisableFlowLogs: action({ request: { FlowLogIds: requiredIds("fl") }, answer: {}, codes: switchCodes }),
} as const;
