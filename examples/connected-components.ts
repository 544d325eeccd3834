/**
 * Connected components of a graph, with operators that live for one round: groups of airports
 * between which one can travel in hops of at most 70 km.
 *
 *     node build/examples/connected-components.js
 */
import { Session } from 'gyre';
import { distanceKm } from './airports.js';
import { components, type Link } from './components-loop.js';
import { readAirports } from './data.js';

const HOP_KM = 70;

const airports = await readAirports();
const links: Link[] = [];
for (const a of airports) {
  for (const b of airports.slice(a.id + 1)) {
    if (distanceKm(a, b) <= HOP_KM) links.push({ from: a.id, to: b.id });
  }
}

const session = new Session({ threads: 2 });
const component = new Map(airports.map(({ id }) => [id, id]));
let changes = 0;
const labels = components(session.job('components'), airports.length, links);
// What leaves the loop are labels that have changed; of a node the last one counts.
for await (const { node, label } of labels.output()) {
  changes++;
  component.set(node, Math.min(label, component.get(node)!));
}
await session.close();

const sizes = new Map<number, number>();
for (const label of component.values()) sizes.set(label, (sizes.get(label) ?? 0) + 1);
const largest = [...sizes].sort(([, a], [, b]) => b - a).slice(0, 3);
console.log(`${airports.length} airports, ${links.length} hops of at most ${HOP_KM} km`);
console.log(`${sizes.size} groups, found with ${changes} changes of labels`);
for (const [label, count] of largest) {
  console.log(`${count} airports like ${airports[label]!.name}, ${airports[label]!.city}`);
}
