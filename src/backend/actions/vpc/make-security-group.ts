/** What both ways of making a security group share. */
import { newId } from "../../ids.ts";
import type { Rooms } from "../../rooms.ts";
import type { SecurityGroup, SecurityGroupRule } from "../../vpc/network.ts";
import { readTags } from "../tags.ts";

interface GroupRequest {
  readonly GroupName: string;
  readonly GroupDescription: string;
  readonly ProjectId?: string | undefined;
  readonly Tags?: readonly { Key: string; Value?: string | undefined }[] | undefined;
}

interface Rules {
  readonly ingress: readonly SecurityGroupRule[];
  readonly egress: readonly SecurityGroupRule[];
}

/** Makes a group; without rules it denies everything both ways. */
export function makeSecurityGroup(rooms: Rooms, request: GroupRequest, rules: Rules): SecurityGroup {
  const nowMs = rooms.clock.nowMs();
  const group: SecurityGroup = {
    id: newId("sg", rooms.random),
    name: request.GroupName,
    description: request.GroupDescription,
    projectId: request.ProjectId ?? "0",
    ...rules,
    version: 0,
    tags: readTags(request.Tags),
    createdMs: nowMs,
    updatedMs: nowMs,
  };
  rooms.network.securityGroups.put(group.id, group);
  return group;
}
