/** Subnets: requests, answers and codes as the API pages give them. */
import { rowsOf } from "../action.ts";
import { group, integer, list, text } from "../fields.ts";
import * as objects from "../objects.ts";
import { idField, idList, name60Bytes, newName60Bytes, paging, requiredId, spelledFlag, vpcFilters, vpcTags } from "../parts.ts";
import { describeCodes, tagCodes } from "./codes.ts";

const action = rowsOf("vpc");

const noCdc = "is a dedicated cluster (CDC), and there are none here";

const ownFields = {
  SubnetName: name60Bytes,
  Zone: text({ required: true, pattern: /^[a-z]{2}-[a-z-]+-\d+$/, patternWords: "must be a zone such as ap-guangzhou-3" }),
  CidrBlock: text({ format: "ipv4-network" }),
  Ipv6CidrBlock: text({ format: "ipv6-network" }),
  StackType: text({ oneOf: ["DualStack", "IPv6Only"] }),
} as const;

/** Actions about subnets. */
export const subnetActions = {
  CreateSubnet: action({
    request: { VpcId: requiredId("vpc"), ...ownFields, Tags: vpcTags, CdcId: text({ unsupported: noCdc }) },
    answer: { Subnet: objects.subnet },
    codes: [
      ...tagCodes,
      "FailedOperation.NetDetectTimeOut",
      "InvalidParameterValue.Duplicate",
      "InvalidParameterValue.Empty",
      "InvalidParameterValue.LimitExceeded",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.SubnetConflict",
      "InvalidParameterValue.SubnetOverlap",
      "InvalidParameterValue.SubnetRange",
      "InvalidParameterValue.TooLong",
      "InvalidParameterValue.ZoneConflict",
      "LimitExceeded",
      "ResourceNotFound",
      "UnsupportedOperation.AppIdMismatch",
      "UnsupportedOperation.DcGatewaysNotFoundInVpc",
      "UnsupportedOperation.RecordExists",
      "UnsupportedOperation.RecordNotExists",
    ],
  }),
  CreateSubnets: action({
    request: {
      VpcId: requiredId("vpc"),
      Subnets: list(group({ ...ownFields, RouteTableId: idField("rtb") }), { required: true, minItems: 1, maxItems: 100 }),
      Tags: vpcTags,
      CdcId: text({ unsupported: noCdc }),
    },
    answer: { SubnetSet: [objects.subnet] },
    codes: [
      ...tagCodes,
      "InvalidParameterValue.LimitExceeded",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.SubnetConflict",
      "InvalidParameterValue.SubnetRange",
      "InvalidParameterValue.TooLong",
      "InvalidParameterValue.ZoneConflict",
      "LimitExceeded",
      "ResourceNotFound",
      "UnknownParameter.WithGuess",
      "UnsupportedOperation.AppIdMismatch",
      "UnsupportedOperation.DcGatewaysNotFoundInVpc",
      "UnsupportedOperation.RecordExists",
    ],
  }),
  DescribeSubnets: action({
    request: {
      SubnetIds: idList("subnet"),
      Filters: vpcFilters,
      ...paging,
      MaxResults: integer({ min: 1, max: 100 }),
      NextToken: text({ notEmpty: true }),
    },
    answer: { TotalCount: "integer", SubnetSet: [objects.subnet], NextToken: "text" },
    codes: [...describeCodes, "InvalidParameterValue.Empty", "UnsupportedOperation.AppIdMismatch"],
  }),
  ModifySubnetAttribute: action({
    request: { SubnetId: requiredId("subnet"), SubnetName: newName60Bytes, EnableBroadcast: spelledFlag },
    answer: {},
    codes: ["InvalidParameterValue.Malformed", "InvalidParameterValue.TooLong", "ResourceNotFound"],
  }),
  DeleteSubnet: action({
    request: { SubnetId: requiredId("subnet") },
    answer: {},
    codes: [
      "InvalidParameterValue.Malformed",
      "ResourceInUse",
      "ResourceNotFound",
      "UnsupportedOperation.NatGatewaySnatRuleNotExists",
      "UnsupportedOperation.RecordNotExists",
    ],
  }),
} as const;
