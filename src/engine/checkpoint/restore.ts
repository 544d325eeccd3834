/** Takes a checkpoint apart again: what each endpoint begins with, also when there are others now. */

import type { RestoredEndpoint } from '../endpoint-spec.js';
import { channelsOf, endpointOf, type NodePlan, type Plan } from '../plan.js';
import type { ShardRef } from '../shard.js';
import type { LoadedCheckpoint } from './coordinator.js';
import { framesOf, ownerOf } from './cut.js';

/**
 * One endpoint's part. Subtasks are those of the checkpoint; only where they live has to do with the
 * number of workers.
 */
export function restoredEndpoint(
  { parts }: LoadedCheckpoint,
  plan: Plan,
  workers: number,
  endpoint: number,
): RestoredEndpoint {
  const states: Record<string, Uint8Array> = {};
  for (const [key, bytes] of parts) {
    const owner = ownerOf(key);
    if (owner === null) continue;
    if (endpointOf(plan.nodes[owner.node]!, owner.subtask, workers) === endpoint) {
      states[key] = bytes;
    }
  }
  const channels = channelsOf(plan, workers);
  const frames = framesOf(parts).filter(
    ({ channel }) => channels[channel]!.toEndpoint === endpoint,
  );
  return { states, frames };
}

/** The shards that an endpoint's part refers to; frames may refer to those of any. */
export function restoredShards(
  { shards }: LoadedCheckpoint,
  nodes: readonly NodePlan[],
  workers: number,
  endpoint: number,
): ShardRef[] {
  const refs = Object.entries(shards).flatMap(([key, list]) => {
    const owner = ownerOf(key);
    const isHere =
      owner === null || endpointOf(nodes[owner.node]!, owner.subtask, workers) === endpoint;
    return isHere ? list : [];
  });
  const seen = new Map(refs.map((ref) => [`${ref.node}/${ref.index}`, ref]));
  return [...seen.values()];
}
