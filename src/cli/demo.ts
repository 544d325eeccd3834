/** `gyre demo`: data through the whole library. */
import { Command } from 'commander';
import { demoFlightsCommand } from './demo-flights.js';
import { demoKMeansCommand } from './demo-kmeans.js';
import { demoOnlineKMeansCommand } from './demo-online-kmeans.js';
import { demoOnlineLogisticRegressionCommand } from './demo-online-logistic-regression.js';
import type { CommandContext } from './run.js';

export function demoCommand(context: CommandContext): Command {
  return new Command('demo')
    .description('run Gyre on real data, and on streams that change')
    .addCommand(demoFlightsCommand(context))
    .addCommand(demoKMeansCommand(context))
    .addCommand(demoOnlineKMeansCommand(context))
    .addCommand(demoOnlineLogisticRegressionCommand(context));
}
