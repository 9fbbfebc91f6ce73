/** Elastic IP addresses (EIPs), which give an ENI's private address a public one: requests, answers and codes. */
import { rowsOf } from "../action.ts";
import { flag, group, integer, list, text } from "../fields.ts";
import * as objects from "../objects.ts";
import { clientToken, maxIds, tagList, vpcFilters } from "../parts.ts";

const action = rowsOf("vpc");

const addressId = text({
  pattern: /^eip-[0-9a-z]{8}$/,
  patternWords: "must be an id such as eip-1a2b3c4d",
  codes: { malformed: "InvalidParameterValue.AddressIdMalformed" },
});

const addressIds = list(addressId, { maxItems: maxIds });

const noSuchKind = "is a kind of address that this backend does not hand out: it hands out plain EIPs on BGP lines";
const noPackages = "is about a bandwidth package, and there are none here";

/** The most addresses one call allocates. */
export const maxAddressCount = 100;

const tags = tagList({
  key: "InvalidParameterValue.InvalidTag",
  keyLength: "InvalidParameterValue.InvalidTag",
  value: "InvalidParameterValue.InvalidTag",
  count: "LimitExceeded.TagQuota",
});

const chargeTypes = ["BANDWIDTH_POSTPAID_BY_HOUR", "BANDWIDTH_PREPAID_BY_MONTH", "TRAFFIC_POSTPAID_BY_HOUR"] as const;

/** Actions about EIPs. */
export const addressActions = {
  AllocateAddresses: action({
    request: {
      AddressCount: integer({ min: 1, max: maxAddressCount }),
      InternetServiceProvider: text({ oneOf: ["BGP"], refused: { CMCC: noSuchKind, CTCC: noSuchKind, CUCC: noSuchKind } }),
      InternetChargeType: text({ oneOf: chargeTypes, refused: { BANDWIDTH_PACKAGE: noPackages } }),
      IPChargeType: text({ unsupported: noSuchKind }),
      InternetMaxBandwidthOut: integer({
        min: 1,
        max: 200,
        codes: { range: "InvalidParameterValue.BandwidthOutOfRange" },
      }),
      AddressChargePrepaid: group({ Period: integer({ required: true, min: 1, max: 36 }), AutoRenewFlag: integer({ min: 0, max: 2 }) }),
      AddressType: text({
        oneOf: ["EIP"],
        refused: { AnycastEIP: noSuchKind, HighQualityEIP: noSuchKind, AntiDDoSEIP: noSuchKind, ResidentialEIP: noSuchKind },
      }),
      AnycastZone: text({ unsupported: noSuchKind }),
      // The public addresses wanted, one for each EIP.
      VipCluster: list(text({ format: "ipv4" }), { minItems: 1, maxItems: maxAddressCount }),
      ApplicableForCLB: flag({ unsupported: noSuchKind }),
      Tags: tags,
      BandwidthPackageId: text({ unsupported: noPackages }),
      AddressName: text({ notEmpty: true, maxChars: 128 }),
      DedicatedClusterId: text({ unsupported: "is a dedicated cluster (CDC), and there are none here" }),
      IsDedicatedAddressPool: flag({ unsupported: noSuchKind }),
      Egress: text({ unsupported: noSuchKind }),
      AntiDDoSPackageId: text({ unsupported: noSuchKind }),
      ClientToken: clientToken,
    },
    answer: { AddressSet: ["text"], TaskId: "text" },
    codes: [
      "AddressQuotaLimitExceeded",
      "AddressQuotaLimitExceeded.DailyAllocate",
      "FailedOperation.BalanceInsufficient",
      "FailedOperation.InvalidRegion",
      "InvalidAccount.NotSupported",
      "InvalidAddressId.Blocked",
      "InvalidParameterConflict",
      "InvalidParameterValue.AddressAttacked",
      "InvalidParameterValue.AddressIpNotAvailable",
      "InvalidParameterValue.BandwidthOutOfRange",
      "InvalidParameterValue.BandwidthPackageIdMalformed",
      "InvalidParameterValue.BandwidthPackageNotFound",
      "InvalidParameterValue.BandwidthTooSmall",
      "InvalidParameterValue.Combination",
      "InvalidParameterValue.InstanceIdMalformed",
      "InvalidParameterValue.InvalidDedicatedClusterId",
      "InvalidParameterValue.InvalidTag",
      "InvalidParameterValue.MixedAddressIpSetType",
      "InvalidParameterValue.Range",
      "InvalidParameterValue.ResourceIdMalformed",
      "InvalidParameterValue.ResourceNotSupport",
      "InvalidParameterValue.TagNotExisted",
      "InvalidParameterValue.UnavailableZone",
      "LimitExceeded.BandwidthPackageQuota",
      "LimitExceeded.BandwidthPackageResourceQuota",
      "LimitExceeded.MonthlyAddressRecoveryQuota",
      "LimitExceeded.TagQuota",
      "ResourceInsufficient",
      "UnauthorizedOperation.AnycastEip",
      "UnauthorizedOperation.InvalidAccount",
      "UnsupportedOperation.AccountNotSupported",
      "UnsupportedOperation.ActionNotFound",
      "UnsupportedOperation.BandwidthPackageIdNotSupported",
      "UnsupportedOperation.InstanceStateNotSupported",
      "UnsupportedOperation.InvalidAction",
      "UnsupportedOperation.NotSupportedPurchaseCenterEgressResource",
      "UnsupportedOperation.OfflineChargeType",
      "UnsupportedOperation.UnsupportedRegion",
    ],
  }),
  DescribeAddresses: action({
    request: {
      AddressIds: addressIds,
      Filters: { ...vpcFilters, codes: { count: "LimitExceeded.NumberOfFilters" } },
      Offset: integer({ min: 0 }),
      Limit: integer({ min: 1, max: 100 }),
    },
    answer: { TotalCount: "integer", AddressSet: [objects.address] },
    codes: [
      "InvalidParameter.InvalidFilter",
      "InvalidParameterValue.AddressIdMalformed",
      "InvalidParameterValue.InvalidDedicatedClusterId",
      "InvalidParameterValue.LimitExceeded",
      "InvalidParameterValue.NetworkInterfaceIdMalformed",
      "InvalidParameterValue.ResourceIdMalformed",
      "LimitExceeded.NumberOfFilters",
    ],
  }),
  AssociateAddress: action({
    request: {
      AddressId: { ...addressId, required: true },
      InstanceId: text({
        pattern: /^ins-[0-9a-z]{8}$/,
        patternWords: "must be an id such as ins-1a2b3c4d",
        codes: { malformed: "InvalidParameterValue.InstanceIdMalformed" },
      }),
      NetworkInterfaceId: text({ notEmpty: true }),
      PrivateIpAddress: text({ format: "ipv4" }),
      EipDirectConnection: flag({ unsupported: "is about what an instance's own system sees, and there are no instances here" }),
      InstanceRegion: text({ unsupported: "is for accelerated connections (GAAP) only" }),
    },
    answer: { TaskId: "text" },
    codes: [
      "FailedOperation.AddressEniInfoNotFound",
      "FailedOperation.TaskFailed",
      "InvalidAccount.NotSupported",
      "InvalidAddressId.Blocked",
      "InvalidAddressId.NotFound",
      "InvalidInstanceId.AlreadyBindEip",
      "InvalidInstanceId.NotFound",
      "InvalidNetworkInterfaceId.NotFound",
      "InvalidParameterConflict",
      "InvalidParameterValue.AddressIdMalformed",
      "InvalidParameterValue.AddressNotApplicable",
      "InvalidParameterValue.AddressNotFound",
      "InvalidParameterValue.Combination",
      "InvalidParameterValue.InstanceDoesNotSupportAnycast",
      "InvalidParameterValue.InstanceHasNoWanIP",
      "InvalidParameterValue.InstanceHasWanIP",
      "InvalidParameterValue.InstanceIdMalformed",
      "InvalidParameterValue.InstanceNoWanIP",
      "InvalidParameterValue.InstanceNormalPublicIpBlocked",
      "InvalidParameterValue.InstanceNotMatchAssociateEni",
      "InvalidParameterValue.InvalidInstanceInternetChargeType",
      "InvalidParameterValue.InvalidInstanceState",
      "InvalidParameterValue.LBAlreadyBindEip",
      "InvalidParameterValue.MissingAssociateEntity",
      "InvalidParameterValue.NetworkInterfaceNotFound",
      "InvalidParameterValue.ResourceNotSupport",
      "InvalidPrivateIpAddress.AlreadyBindEip",
      "LimitExceeded.InstanceAddressQuota",
      "OperationDenied.AddressInArrears",
      "OperationDenied.MutexTaskRunning",
      "UnsupportedOperation.ActionNotFound",
      "UnsupportedOperation.AddressIpNotSupportInstance",
      "UnsupportedOperation.AddressStatusNotPermit",
      "UnsupportedOperation.IncorrectAddressResourceType",
      "UnsupportedOperation.InstanceStateNotSupported",
      "UnsupportedOperation.InvalidAction",
      "UnsupportedOperation.InvalidAddressInternetChargeType",
      "UnsupportedOperation.IspNotSupported",
    ],
  }),
  DisassociateAddress: action({
    request: {
      AddressId: { ...addressId, required: true },
      ReallocateNormalPublicIp: flag({ unsupported: "asks for an instance's plain public address, and there are no instances here" }),
    },
    answer: { TaskId: "text" },
    codes: [
      "AddressQuotaLimitExceeded.DailyAllocate",
      "FailedOperation.AddressEniInfoNotFound",
      "FailedOperation.MasterEniNotFound",
      "FailedOperation.TaskFailed",
      "InvalidAddressId.Blocked",
      "InvalidAddressId.NotFound",
      "InvalidAddressIdStatus.NotPermit",
      "InvalidInstance.NotSupported",
      "InvalidInstanceId.NotFound",
      "InvalidParameterValue.AddressIdMalformed",
      "InvalidParameterValue.AddressNotFound",
      "InvalidParameterValue.InstanceIdMalformed",
      "InvalidParameterValue.OnlySupportedForMasterNetworkCard",
      "InvalidParameterValue.ResourceNotSupport",
      "OperationDenied.MutexTaskRunning",
      "UnsupportedOperation.ActionNotFound",
      "UnsupportedOperation.AddressStatusNotPermit",
      "UnsupportedOperation.InstanceStateNotSupported",
      "UnsupportedOperation.InvalidAction",
    ],
  }),
  ReleaseAddresses: action({
    request: { AddressIds: { ...addressIds, required: true, minItems: 1 } },
    answer: { TaskId: "text" },
    codes: [
      "FailedOperation.TaskFailed",
      "InvalidAddressId.Blocked",
      "InvalidAddressId.NotFound",
      "InvalidAddressState",
      "InvalidParameterValue.AddressIdMalformed",
      "InvalidParameterValue.AddressInternetChargeTypeConflict",
      "InvalidParameterValue.AddressNotFound",
      "InvalidParameterValue.AddressTypeConflict",
      "LimitExceeded.AccountReturnQuota",
      "OperationDenied.MutexTaskRunning",
      "UnsupportedOperation.AddressStatusNotPermit",
      "UnsupportedOperation.UnpaidOrderAlreadyExists",
    ],
  }),
  DescribeTaskResult: action({
    request: {
      TaskId: integer({ min: 0 }),
      DealName: text({ unsupported: "is an order's number, and nothing is ordered here" }),
    },
    answer: { TaskId: "integer", Result: "text" },
    codes: ["FailedOperation.TaskFailed", "InternalServerError"],
  }),
} as const;
