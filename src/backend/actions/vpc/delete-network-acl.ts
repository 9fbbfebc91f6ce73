import { ApiError } from "../../../wire/errors.ts";
import { type Handler, found } from "../action.ts";

/** Deletes a network ACL that stands at no subnet's edge. */
export const deleteNetworkAcl: Handler<"DeleteNetworkAcl"> = ({ network }, { NetworkAclId }) => {
  found(network.networkAcls.get(NetworkAclId), "NetworkAclId", NetworkAclId);
  const user = [...network.subnets.values()].find(({ networkAclId }) => networkAclId === NetworkAclId);
  if (user !== undefined) {
    throw new ApiError("ResourceInUse", `NetworkAclId: ${JSON.stringify(NetworkAclId)} is associated with ${user.id}`);
  }
  network.networkAcls.delete(NetworkAclId);
  return {};
};
