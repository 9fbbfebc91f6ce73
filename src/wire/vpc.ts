/** The VPC service, version 2017-03-12: every action of it that the backend answers. */
import { addressActions } from "./vpc/addresses.ts";
import { flowLogActions } from "./vpc/flow-logs.ts";
import { networkAclActions } from "./vpc/network-acls.ts";
import { networkInterfaceActions } from "./vpc/network-interfaces.ts";
import { securityGroupActions } from "./vpc/security-groups.ts";
import { subnetActions } from "./vpc/subnets.ts";
import { vpcsActions } from "./vpc/vpcs.ts";

/** VPC's action table, family by family. */
export const vpcActions = {
  ...vpcsActions,
  ...subnetActions,
  ...networkInterfaceActions,
  ...addressActions,
  ...securityGroupActions,
  ...networkAclActions,
  ...flowLogActions,
} as const;
