/** The tree of commands. */
import { Command } from 'commander';
import { VERSION } from '../index.js';
import { benchCommand } from './bench.js';
import { demoCommand } from './demo.js';
import { infoCommand } from './info.js';
import type { CommandContext } from './run.js';

/** The `gyre` program: throws a `CommanderError` where commander would end the process. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('gyre')
    .description('Iterative and online machine learning on streams and tables.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      outputError: (text) => context.terminal.error(text.replace(/^error: /, '').trimEnd()),
    })
    .addCommand(infoCommand(context))
    .addCommand(demoCommand(context))
    .addCommand(benchCommand(context));
  prepare(program);
  return program;
}

/** What all commands have: they accept `--verbose`, which `run` looks for, and settings inherit. */
function prepare(command: Command): void {
  command.option('--verbose', 'print the stack of errors');
  for (const child of command.commands) prepare(child.copyInheritedSettings(command));
}
