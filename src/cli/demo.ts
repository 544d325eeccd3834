/** `gyre demo`: real data through the whole library. */
import { Command } from 'commander';
import { demoFlightsCommand } from './demo-flights.js';
import { demoKMeansCommand } from './demo-kmeans.js';
import type { CommandContext } from './run.js';

export function demoCommand(context: CommandContext): Command {
  return new Command('demo')
    .description('run Gyre on real data')
    .addCommand(demoFlightsCommand(context))
    .addCommand(demoKMeansCommand(context));
}
