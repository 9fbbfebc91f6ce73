/** Security groups and their policies: requests, answers and codes as the API pages give them. */
import { rowsOf } from "../action.ts";
import { flag, group, integer, list, text } from "../fields.ts";
import * as objects from "../objects.ts";
import { idField, idList, orderDirection, paging, requiredId, requiredIds, vpcFilters, vpcTags } from "../parts.ts";
import { approvalCodes, describeCodes, tagCodes } from "./codes.ts";

const action = rowsOf("vpc");

const noTemplates = "is a parameter template, which this backend does not keep: spell the addresses or ports out";
const noOwnAddress = "stands for the caller's public address, which a backend on your own machine does not see: spell it out";

const remote = {
  CidrBlock: text({ format: "ipv4-cidr", blankIsAbsent: true, refused: { MY_PUBLIC_IP: noOwnAddress } }),
  Ipv6CidrBlock: text({ format: "ipv6-cidr", blankIsAbsent: true, refused: { MY_PUBLIC_IP: noOwnAddress } }),
  SecurityGroupId: { ...idField("sg"), blankIsAbsent: true },
} as const;

const ruleAction = text({ oneOf: ["ACCEPT", "DROP"], anyCase: true });

const policyFields = {
  PolicyIndex: integer({ min: 0 }),
  Protocol: text({ oneOf: ["TCP", "UDP", "ICMP", "ICMPv6", "GRE", "ALL"], anyCase: true, blankIsAbsent: true }),
  Port: text({ format: "ports", blankIsAbsent: true }),
  ServiceTemplate: group({ ServiceId: text(), ServiceGroupId: text() }, { unsupported: noTemplates, blankIsAbsent: true }),
  ...remote,
  AddressTemplate: group({ AddressId: text(), AddressGroupId: text() }, { unsupported: noTemplates, blankIsAbsent: true }),
  Action: { ...ruleAction, required: true },
  PolicyDescription: text({ maxChars: 100 }),
  // What Describe answers beside a policy; clients that send back what they read mean nothing by it.
  ModifyTime: text(),
  Priority: integer(),
} as const;

const policy = group(policyFields, { exactlyOneOf: Object.keys(remote) });

/** A policy as it is named to be deleted: by its index alone, or by what it says. */
const namedPolicy = group({ ...policyFields, Action: ruleAction } as const);

const statistics = group({
  IngressIPv4TotalCount: integer(),
  IngressIPv6TotalCount: integer(),
  EgressIPv4TotalCount: integer(),
  EgressIPv6TotalCount: integer(),
});

const policySet = group({ Version: text(), Egress: list(policy), Ingress: list(policy), PolicyStatistics: statistics });
const requiredSet = { ...policySet, required: true } as const;
const namedSet = group(
  { Version: text(), Egress: list(namedPolicy), Ingress: list(namedPolicy), PolicyStatistics: statistics },
  { required: true },
);

const newGroup = {
  GroupName: text({ required: true, notEmpty: true, maxChars: 60 }),
  GroupDescription: text({ required: true, maxChars: 100 }),
  ProjectId: text({ pattern: /^\d{1,19}$/, patternWords: "must be a project's number" }),
  Tags: vpcTags,
} as const;

/** What every change of policies can answer. */
const policyCodes = [
  ...approvalCodes,
  "InternalError.ModuleError",
  "InvalidParameter.Coexist",
  "InvalidParameterValue.Empty",
  "InvalidParameterValue.Malformed",
  "InvalidParameterValue.Range",
  "ResourceNotFound",
  "UnsupportedOperation.LockedResources",
  "UnsupportedOperation.VersionMismatch",
] as const;

/** What a change that brings policies along can answer beside that. */
const newPolicyCodes = [
  ...policyCodes,
  "InvalidParameterValue.LimitExceeded",
  "InvalidParameterValue.TooLong",
  "LimitExceeded",
  "LimitExceeded.SecurityGroupPolicySet",
  "UnknownParameter.WithGuess",
  "UnsupportedOperation.ClbPolicyExceedLimit",
  "UnsupportedOperation.ClbPolicyLimit",
  "UnsupportedOperation.DuplicatePolicy",
] as const;

/** Actions about security groups. */
export const securityGroupActions = {
  CreateSecurityGroup: action({
    request: newGroup,
    answer: { SecurityGroup: objects.securityGroup },
    codes: [
      ...tagCodes,
      "InvalidParameterValue.Duplicate",
      "InvalidParameterValue.LimitExceeded",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.TooLong",
      "LimitExceeded",
      "ResourceNotFound",
    ],
  }),
  CreateSecurityGroupWithPolicies: action({
    request: { ...newGroup, SecurityGroupPolicySet: policySet },
    answer: { SecurityGroup: objects.securityGroup },
    codes: [
      ...tagCodes,
      ...approvalCodes,
      "InternalError.ModuleError",
      "InvalidParameter.Coexist",
      "InvalidParameterValue.LimitExceeded",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.Range",
      "InvalidParameterValue.TooLong",
      "LimitExceeded",
      "LimitExceeded.SecurityGroupPolicySet",
      "ResourceNotFound",
      "UnknownParameter.WithGuess",
      "UnsupportedOperation.DuplicatePolicy",
      "UnsupportedOperation.LockedResources",
    ],
  }),
  DescribeSecurityGroups: action({
    request: {
      SecurityGroupIds: idList("sg"),
      Filters: vpcFilters,
      ...paging,
      OrderField: text({ oneOf: ["CreatedTime", "UpdateTime"] }),
      OrderDirection: orderDirection,
    },
    answer: { TotalCount: "integer", SecurityGroupSet: [objects.securityGroup] },
    codes: describeCodes,
  }),
  ModifySecurityGroupAttribute: action({
    request: {
      SecurityGroupId: requiredId("sg"),
      GroupName: text({ notEmpty: true, maxChars: 60 }),
      GroupDescription: text({ maxChars: 100 }),
    },
    answer: {},
    codes: ["InvalidParameterValue.Malformed", "InvalidParameterValue.TooLong", "ResourceNotFound"],
  }),
  DeleteSecurityGroup: action({
    request: { SecurityGroupId: { ...requiredId("sg"), codes: { malformed: "InvalidSecurityGroupID.Malformed" } } },
    answer: {},
    codes: [
      ...approvalCodes,
      "InternalError.ModuleError",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.Range",
      "InvalidSecurityGroupID.Malformed",
      "InvalidSecurityGroupID.NotFound",
      "ResourceInUse",
      "ResourceNotFound",
      "UnsupportedOperation.LockedResources",
    ],
  }),

  CreateSecurityGroupPolicies: action({
    request: { SecurityGroupId: requiredId("sg"), SecurityGroupPolicySet: requiredSet },
    answer: {},
    codes: newPolicyCodes,
  }),
  DescribeSecurityGroupPolicies: action({
    request: { SecurityGroupId: requiredId("sg"), Filters: vpcFilters },
    answer: { SecurityGroupPolicySet: objects.securityGroupPolicySet },
    codes: [
      "InvalidParameter.FilterInvalidKey",
      "InvalidParameter.FilterNotDict",
      "InvalidParameter.FilterValuesNotList",
      "InvalidParameterValue.LimitExceeded",
      "InvalidParameterValue.Malformed",
      "InvalidParameterValue.TooLong",
      "ResourceNotFound",
    ],
  }),
  ModifySecurityGroupPolicies: action({
    request: { SecurityGroupId: requiredId("sg"), SecurityGroupPolicySet: requiredSet, SortPolicys: flag() },
    answer: {},
    codes: newPolicyCodes,
  }),
  ReplaceSecurityGroupPolicy: action({
    request: {
      SecurityGroupId: requiredId("sg"),
      SecurityGroupPolicySet: requiredSet,
      // For the cloud's own records of who changed what.
      OriginalSecurityGroupPolicySet: policySet,
    },
    answer: {},
    codes: newPolicyCodes,
  }),
  DeleteSecurityGroupPolicies: action({
    request: { SecurityGroupId: requiredId("sg"), SecurityGroupPolicySet: namedSet },
    answer: {},
    codes: policyCodes,
  }),
  DescribeSecurityGroupAssociationStatistics: action({
    request: { SecurityGroupIds: requiredIds("sg") },
    answer: { SecurityGroupAssociationStatisticsSet: [objects.securityGroupAssociationStatistics] },
    codes: ["InvalidParameterValue.LimitExceeded", "InvalidParameterValue.Malformed", "ResourceNotFound"],
  }),
} as const;
