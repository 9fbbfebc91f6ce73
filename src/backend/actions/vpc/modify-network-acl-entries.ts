import { ApiError } from "../../../wire/errors.ts";
import { type Handler, found } from "../action.ts";
import { readEntry, readQuintuple } from "./network-acl-rules.ts";

/** Most rules of one direction (the cloud's default quota). */
const maxRules = 20;

/** Replaces the rules of each direction that is given; the other direction stays as it is. */
export const modifyNetworkAclEntries: Handler<"ModifyNetworkAclEntries"> = (rooms, request) => {
  const { networkAcls } = rooms.network;
  const acl = found(networkAcls.get(request.NetworkAclId), "NetworkAclId", request.NetworkAclId);
  const { NetworkAclEntrySet: triple, NetworkAclQuintupleSet: quintuple } = request;
  if (triple !== undefined && quintuple !== undefined) {
    throw new ApiError("InvalidParameter.Coexist", "NetworkAclEntrySet and NetworkAclQuintupleSet cannot be given together");
  }
  if (triple === undefined && quintuple === undefined) {
    throw new ApiError("MissingParameter", "one of NetworkAclEntrySet, NetworkAclQuintupleSet is required");
  }
  if (request.EnableUpdateAclEntries === true) {
    throw new ApiError("UnsupportedOperation", "EnableUpdateAclEntries: true (changing single rules) is not offered yet");
  }
  const wantedForm = triple === undefined ? "QUINTUPLE" : "TRIPLE";
  if (acl.form !== wantedForm) {
    const words = `NetworkAclId: ${JSON.stringify(acl.id)} is of type ${acl.form}, the rules given are of type ${wantedForm}`;
    throw new ApiError("InvalidParameter.AclTypeMismatch", words);
  }
  const field = triple === undefined ? "NetworkAclQuintupleSet" : "NetworkAclEntrySet";
  const ingress =
    triple?.Ingress?.map((entry, index) => readEntry(rooms, entry, "source", `${field}.Ingress.${index}`)) ??
    quintuple?.Ingress?.map((entry, index) => readQuintuple(rooms, entry, `${field}.Ingress.${index}`)) ??
    acl.ingress;
  const egress =
    triple?.Egress?.map((entry, index) => readEntry(rooms, entry, "destination", `${field}.Egress.${index}`)) ??
    quintuple?.Egress?.map((entry, index) => readQuintuple(rooms, entry, `${field}.Egress.${index}`)) ??
    acl.egress;
  for (const [direction, rules] of Object.entries({ Ingress: ingress, Egress: egress })) {
    if (rules.length > maxRules) {
      const words = `${field}.${direction}: ${rules.length} rules are more than the ${maxRules} a direction may have`;
      throw new ApiError("LimitExceeded", words);
    }
  }
  networkAcls.put(acl.id, { ...acl, ingress, egress });
  return {};
};
