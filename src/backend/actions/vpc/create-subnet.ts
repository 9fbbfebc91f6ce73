import { type Handler, found } from "../action.ts";
import { readTags } from "../tags.ts";
import { shownSubnet } from "../vpc-shapes.ts";
import { makeSubnet } from "./make-subnet.ts";

/** Makes a subnet inside its VPC, apart from the VPC's other subnets. */
export const createSubnet: Handler<"CreateSubnet"> = (rooms, request, { region }) => {
  const vpc = found(rooms.network.vpcs.get(request.VpcId), "VpcId", request.VpcId);
  return { Subnet: shownSubnet(rooms, makeSubnet(rooms, vpc, request, { tags: readTags(request.Tags), region })) };
};
