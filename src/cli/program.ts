/** The tree of commands. */
import { Command } from 'commander';
import { VERSION } from '../index.js';
import { demoCommand } from './demo.js';
import { infoCommand } from './info.js';
import type { CommandContext } from './run.js';

/** The `gyre` program: throws a `CommanderError` where commander would end the process. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('gyre')
    .description('Iterative and online machine learning on streams and tables.')
    .version(VERSION, '-V, --version', 'print the version')
    .option('--verbose', 'print the stack of errors')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showHelpAfterError('(gyre --help lists the commands)');
  program.addCommand(infoCommand(context));
  program.addCommand(demoCommand(context));
  forAll(program, (command) => command.exitOverride());
  return program;
}

function forAll(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) forAll(child, visit);
}
