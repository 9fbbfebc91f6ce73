/** The cases of all actions. */
import type { Cases } from "./world.ts";
import { addressCases } from "./cases/addresses.ts";
import { flowLogCases } from "./cases/flow-logs.ts";
import { logCases } from "./cases/logs.ts";
import { networkAclCases } from "./cases/network-acls.ts";
import { networkInterfaceCases } from "./cases/network-interfaces.ts";
import { securityGroupCases } from "./cases/security-groups.ts";
import { subnetCases } from "./cases/subnets.ts";
import { tagCases } from "./cases/tags.ts";
import { vpcCases } from "./cases/vpcs.ts";

/** Every case, by action. */
export const cases: Cases = {
  ...vpcCases,
  ...subnetCases,
  ...networkInterfaceCases,
  ...addressCases,
  ...securityGroupCases,
  ...networkAclCases,
  ...flowLogCases,
  ...logCases,
  ...tagCases,
};
