/**
 * Whatever is asked, in whatever order: an answer of the right shape or a refusal of the action's list, never a failure;
 * and nothing that stands ever refers to something that does not.
 */
import { describe, expect, test } from "vitest";
import type { ActionRow } from "../../src/wire/action.ts";
import { type ActionName, actions } from "../../src/wire/actions.ts";
import { commonCodes, type ErrorCode } from "../../src/wire/errors.ts";
import { shapeViolations } from "../../src/wire/shapes.ts";
import type { Cloud } from "../../src/backend/cloud.ts";
import { SeededRandom } from "../../src/backend/ids.ts";
import type { Rooms } from "../../src/backend/rooms.ts";
import { testCloud } from "../support/cloud.ts";
import { chance, pick, randomRequest } from "../support/random-requests.ts";
import { nowhere } from "./world.ts";

const callsPerSeed = 2500;
const rows = Object.entries(actions as Record<string, ActionRow>).filter(([, { service }]) => service !== "flowlogs") as [ActionName, ActionRow][];
const creates = rows.filter(([name]) => /^(Create|Associate|Attach|Allocate)/.test(name));
const deletes = /^(Delete|Release)/;

function idsOf({ network, logs, flowLogs }: Rooms): string[] {
  const { vpcs, subnets, enis, securityGroups, networkAcls, eips } = network;
  const standing = [vpcs, subnets, enis, securityGroups, networkAcls, eips, logs.logsets, logs.topics, flowLogs] as const;
  return [
    ...standing.flatMap((collection) => [...collection.values()].map(({ id }) => id)),
    ...[...vpcs.values()].map(({ routeTableId }) => routeTableId),
    ...[...networkAcls.values()].flatMap(({ ingress, egress }) => [...ingress, ...egress].map(({ id }) => id)),
    ...Object.values(nowhere),
    "ins-00000001",
    "ins-00000002",
  ];
}

/** References to what does not stand, in words. */
function brokenReferences({ network, logs, flowLogs }: Rooms): string[] {
  const { vpcs, subnets, enis, securityGroups, networkAcls, eips } = network;
  const broken: string[] = [];
  const check = (isThere: boolean, words: string) => {
    if (!isThere) broken.push(words);
  };
  for (const { id, vpcId, networkAclId } of subnets.values()) {
    check(vpcs.has(vpcId), `${id} is in ${vpcId}`);
    check(networkAclId === "" || networkAcls.get(networkAclId)?.vpcId === vpcId, `${id} has ${networkAclId}`);
  }
  for (const { id, vpcId, subnetId, securityGroupIds, privateAddresses } of enis.values()) {
    check(subnets.get(subnetId)?.vpcId === vpcId, `${id} is in ${subnetId} of ${vpcId}`);
    check(securityGroupIds.every((group) => securityGroups.has(group)), `${id} is in ${securityGroupIds.join()}`);
    check(new Set(securityGroupIds).size === securityGroupIds.length, `${id} is in a group twice: ${securityGroupIds.join()}`);
    const mapped = privateAddresses.filter(({ publicAddress }) => publicAddress !== "");
    const isMapped = ({ address }: { address: string }) => [...eips.values()].some((eip) => eip.eniId === id && eip.privateAddress === address);
    check(mapped.every(isMapped), `${id} has public addresses of no EIP`);
    check(privateAddresses.filter(({ primary }) => primary).length <= 1, `${id} has several primary addresses`);
  }
  for (const { id, ingress, egress } of securityGroups.values()) {
    const named = [...ingress, ...egress].map(({ remoteGroupId }) => remoteGroupId).filter((each) => each !== "");
    check(named.every((group) => securityGroups.has(group)), `${id} names ${named.join()}`);
  }
  for (const { id, vpcId } of networkAcls.values()) check(vpcs.has(vpcId), `${id} is in ${vpcId}`);
  for (const { id, eniId, privateAddress, address } of eips.values()) {
    const place = enis.get(eniId)?.privateAddresses.find((each) => each.address === privateAddress);
    check(eniId === "" || place?.publicAddress === address, `${id} is bound to ${eniId} ${privateAddress}`);
  }
  for (const { id, vpcId, resourceId } of flowLogs.values()) {
    check(vpcs.has(vpcId), `${id} is in ${vpcId}`);
    check(idsOf({ network, logs, flowLogs } as Rooms).includes(resourceId), `${id} watches ${resourceId}`);
  }
  for (const { id, logsetId } of logs.topics.values()) check(logs.logsets.has(logsetId), `${id} is in ${logsetId}`);
  for (const { topicId } of logs.indexes.values()) check(logs.topics.has(topicId), `an index of ${topicId}`);
  return broken;
}

/** Asks once; how the answer is wrong, in words, or the code it came to. */
async function askOnce(cloud: Cloud, action: ActionName, row: ActionRow, request: object): Promise<string> {
  try {
    const answer = await cloud.answer(action, request, { requestId: "r", region: "ap-guangzhou" });
    const wrong = shapeViolations(row.answer!, answer);
    return wrong.length === 0 ? "fine" : `WRONG SHAPE ${wrong.join("; ")}`;
  } catch (error) {
    const code = (error as { code?: ErrorCode }).code;
    if (code === undefined || !(error instanceof Error) || error.name !== "ApiError") return `FAILED ${String((error as Error).stack)}`;
    const known: readonly string[] = [...row.codes, ...commonCodes];
    return known.includes(code) ? code : `NOT OF ITS LIST ${code}: ${error.message}`;
  }
}

describe.each([1, 2, 3, 4])("seed %i", (seed) => {
  test(`${callsPerSeed} calls`, async () => {
    const random = new SeededRandom(seed);
    const { cloud } = testCloud({ seed });
    const outcomes = new Map<string, number>();
    const wrong: object[] = [];
    for (let call = 0; call < callsPerSeed && wrong.length === 0; call++) {
      const [action, row] = pick(random, chance(random, 3) ? creates : rows);
      // Things are to pile up: most deletes stay undone.
      if (deletes.test(action) && !chance(random, 3)) continue;
      const ids = idsOf(cloud.rooms);
      const request = randomRequest({ random, idsFor: (pattern) => ids.filter((id) => pattern.test(id)) }, row.request);
      const outcome = await askOnce(cloud, action, row, request);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      const broken = call % 20 === 0 ? brokenReferences(cloud.rooms) : [];
      if (/^[A-Z]{2}/.test(outcome) || broken.length > 0) wrong.push({ call, action, request, outcome, broken });
    }
    expect(wrong).toEqual([]);
    expect(brokenReferences(cloud.rooms)).toEqual([]);
    // Not all of it is refused, and not always in the same words.
    expect(outcomes.get("fine")).toBeGreaterThan(callsPerSeed / 10);
    expect(outcomes.size).toBeGreaterThan(20);
    await cloud.close();
  });
});
