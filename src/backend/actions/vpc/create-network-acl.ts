import { newId } from "../../ids.ts";
import type { NetworkAcl } from "../../vpc/network.ts";
import { type Handler, found } from "../action.ts";
import { readTags } from "../tags.ts";
import { shownNetworkAcl } from "../vpc-shapes.ts";

/** Makes a network ACL without rules: what it is associated with is closed both ways. */
export const createNetworkAcl: Handler<"CreateNetworkAcl"> = (rooms, request) => {
  const vpc = found(rooms.network.vpcs.get(request.VpcId), "VpcId", request.VpcId);
  const acl: NetworkAcl = {
    id: newId("acl", rooms.random),
    vpcId: vpc.id,
    name: request.NetworkAclName,
    form: request.NetworkAclType ?? "TRIPLE",
    ingress: [],
    egress: [],
    tags: readTags(request.Tags),
    createdMs: rooms.clock.nowMs(),
  };
  rooms.network.networkAcls.put(acl.id, acl);
  return { NetworkAcl: shownNetworkAcl(rooms, acl) };
};
