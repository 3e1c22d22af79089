import type { Command } from 'commander'

/** Commands that do something, without bare groups. */
export const commandsOf = (command: Command): readonly Command[] => [
  ...(command.commands.length === 0 || command.registeredArguments.length > 0 ? [command] : []),
  ...command.commands.flatMap(commandsOf),
]
