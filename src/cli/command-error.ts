/** Something that the user of the command can put right; shown as one line, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
