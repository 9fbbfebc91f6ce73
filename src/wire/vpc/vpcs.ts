/** VPCs, their route table, and what the account may have: requests, answers and codes as the API pages give them. */
import { rowsOf } from "../action.ts";
import { flag, list, text } from "../fields.ts";
import * as objects from "../objects.ts";
import { idList, name60Bytes, newName60Bytes, paging, requiredId, spelledFlag, vpcFilters, vpcTags } from "../parts.ts";
import { describeCodes, tagCodes } from "./codes.ts";

const action = rowsOf("vpc");

/** The most DNS servers a VPC has. */
const dnsServers = list(text({ format: "ipv4" }), { maxItems: 4 });
const domainName = text({ maxBytes: 60 });

/** Actions about VPCs. */
export const vpcsActions = {
  CreateVpc: action({
    request: {
      VpcName: name60Bytes,
      CidrBlock: text({ format: "vpc-network" }),
      Ipv6CidrBlock: text({ format: "ipv6-network" }),
      StackType: text({ oneOf: ["DualStack", "IPv6Only"] }),
      AddressType: text({ oneOf: ["GUA", "ULA"] }),
      EnableMulticast: spelledFlag,
      DnsServers: dnsServers,
      DomainName: domainName,
      Tags: vpcTags,
      EnableRouteVpcPublish: flag(),
      EnableRouteVpcPublishIpv6: flag(),
    },
    answer: { Vpc: objects.vpc },
    codes: [
      ...tagCodes,
      "InvalidParameterValue.LimitExceeded",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.SubnetOverlap",
      "InvalidParameterValue.TooLong",
      "LimitExceeded",
      "ResourceInsufficient",
      "ResourceNotFound",
      "UnauthorizedOperation",
      "UnsupportedOperation.AppIdMismatch",
      "UnsupportedOperation.EnableMulticast",
      "UnsupportedOperation.RecordExists",
    ],
  }),
  DescribeVpcs: action({
    request: { VpcIds: idList("vpc"), Filters: vpcFilters, ...paging },
    answer: { TotalCount: "integer", VpcSet: [objects.vpc] },
    codes: describeCodes,
  }),
  ModifyVpcAttribute: action({
    request: {
      VpcId: requiredId("vpc"),
      VpcName: newName60Bytes,
      EnableMulticast: spelledFlag,
      DnsServers: dnsServers,
      DomainName: domainName,
      EnableRouteVpcPublish: flag(),
      EnableRouteVpcPublishIpv6: flag(),
      EnableCdcPublish: flag({ unsupported: "is about a dedicated cluster (CDC), and there are none here" }),
    },
    answer: {},
    codes: [
      "InvalidParameterValue.LimitExceeded",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.TooLong",
      "ResourceNotFound",
      "UnauthorizedOperation",
      "UnsupportedOperation.EnableMulticast",
      "UnsupportedOperation.NotSupportedUpdateCcnRoutePublish",
    ],
  }),
  DeleteVpc: action({
    request: { VpcId: requiredId("vpc") },
    answer: {},
    codes: [
      "FailedOperation.NetDetectTimeOut",
      "InternalError.ModuleError",
      "InvalidParameterValue.Malformed",
      "LimitExceeded.ActionLimited",
      "ResourceInUse",
      "ResourceNotFound",
      "UnsupportedOperation.AppIdMismatch",
      "UnsupportedOperation.RecordNotExists",
      "UnsupportedOperation.RouteTableHasSubnetRule",
    ],
  }),

  DescribeRouteTables: action({
    request: {
      RouteTableIds: idList("rtb"),
      Filters: vpcFilters,
      ...paging,
      NeedRouterInfo: flag(),
    },
    answer: { TotalCount: "integer", RouteTableSet: [objects.routeTable] },
    codes: [
      "InternalError.ModuleError",
      "InvalidParameter.Coexist",
      "InvalidParameter.FilterInvalidKey",
      "InvalidParameter.FilterNotDict",
      "InvalidParameterValue.LimitExceeded",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.Range",
      "ResourceNotFound",
    ],
  }),
  ReplaceRouteTableAssociation: action({
    request: { SubnetId: requiredId("subnet"), RouteTableId: requiredId("rtb") },
    answer: {},
    codes: ["InvalidParameterValue.Malformed", "ResourceNotFound", "UnsupportedOperation.VpcMismatch"],
  }),
  DescribeVpcLimits: action({
    request: { LimitTypes: list(text(), { required: true, minItems: 1, maxItems: 100 }) },
    answer: { VpcLimitSet: [{ LimitType: "text", LimitValue: "integer" }] },
    codes: ["InvalidParameterValue.LimitExceeded"],
  }),
  DescribeAccountAttributes: action({
    request: {},
    answer: { AccountAttributeSet: [{ AttributeName: "text", AttributeValues: ["text"] }] },
    codes: ["InternalError.ModuleError"],
  }),
  DescribeVpcTaskResult: action({
    request: { TaskId: text({ required: true, notEmpty: true }) },
    answer: { Status: "text", Output: "text", Result: [{ ResourceId: "text", Status: "text" }] },
    codes: ["InternalError.ModuleError", "ResourceNotFound", "UnauthorizedOperation"],
  }),
} as const;
